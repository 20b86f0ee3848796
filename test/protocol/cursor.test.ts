import { describe, expect, it } from '@jest/globals';
import { compareAsOf, parseCursor } from '../../src/protocol/cursor.ts';

const epoch = '5f2c0a9e-3a54-4c6b-9f0e-1f6f3ad0a001';

describe('a cursor', () => {
  it('is an epoch and a snapshot, ordered by xmax and then by how many were running', () => {
    expect(parseCursor(`${epoch}.100:105:101,103`)).toEqual({
      epoch,
      snapshot: '100:105:101,103',
      xmin: 100n,
      asOf: [105, -2],
    });
    expect(parseCursor(`${epoch}.7:7:`)?.asOf).toEqual([7, -0]);
  });

  it.each([
    '',
    epoch,
    `${epoch}.`,
    `${epoch}.7`,
    `${epoch}.7:7`,
    `${epoch}.9:7:`,
    `${epoch}.0:7:`,
    `${epoch}.5:9:4`,
    `${epoch}.5:9:9`,
    `${epoch}.5:9:7,6`,
    `${epoch}.5:9:6,6`,
    `${epoch}.5:9:6,`,
    `${epoch}.5:9223372036854775808:`,
    `${epoch}.5:9:6.`,
    `${epoch.toUpperCase()}.7:7:`,
    `x${epoch}.7:7:`,
    `${epoch}.7:7:\n`,
    `${epoch}.1:${'9'.repeat(16_400)}:`,
  ])('is nothing else (%#)', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  it('is later with a larger xmax, or with fewer transactions running', () => {
    expect(compareAsOf([5, 0], [6, -3])).toBe(-1);
    expect(compareAsOf([6, -1], [6, -3])).toBe(1);
    expect(compareAsOf([6, -3], [6, -3])).toBe(0);
  });
});
