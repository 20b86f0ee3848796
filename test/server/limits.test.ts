// What limits are counted by.
import { describe, expect, it } from '@jest/globals';
import { addressKey, isLoopback } from '../../src/server/address.ts';
import { TokenBucket } from '../../src/server/token-bucket.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0000:0000:ffff::', '2001:db8:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is limited as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });

  it.each(['127.0.0.1', '127.8.0.9', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  it.each(['10.0.0.1', '::2', '::ffff:10.0.0.1', '', 'nonsense'])('%s is not', (address) => {
    expect(isLoopback(address)).toBe(false);
  });
});

it('a bucket holds no more than its burst, however long nobody takes', () => {
  let now = 0;
  const bucket = new TokenBucket({ burst: 2, perSecond: 4, now: () => now });
  const take = (times: number) => Array.from({ length: times }, () => bucket.take());
  expect(take(3)).toEqual([true, true, false]);
  now += 250;
  expect(take(2)).toEqual([true, false]);
  now += 3_600_000;
  expect(take(3)).toEqual([true, true, false]);
});
