// Times on the employee's page: by the site's clock and calendar, whatever the phone believes.
import { describe, expect, it } from '@jest/globals';
import { timesOf } from '../../src/view/times.ts';
import { chooseLanguage } from '../../src/view/words.ts';

const now = Date.parse('2026-11-22T23:30:00Z');
const at = (timezone: string, language = 'en') => timesOf({ language, timezone, now });

describe('a moment', () => {
  it('is today, tomorrow or yesterday on the site’s calendar', () => {
    expect(at('UTC').moment('2026-11-23T05:00:00Z')).toBe('tomorrow 05:00');
    expect(at('Asia/Tokyo').moment('2026-11-23T05:00:00Z')).toBe('today 14:00');
    expect(at('Asia/Tokyo').moment('2026-11-22T05:00:00Z')).toBe('yesterday 14:00');
    expect(at('UTC', 'he').moment('2026-11-22T05:00:00Z')).toBe('היום 05:00');
  });

  it('further away is a date, with its year where that is not plain', () => {
    expect(at('UTC').moment('2026-11-27T08:00:00Z')).toMatch(/^Fri,? 27 Nov 08:00$/);
    expect(at('UTC').moment('2027-11-27T08:00:00Z')).toMatch(/^Sat,? 27 Nov 2027 08:00$/);
  });

  it('that JavaScript does not know is told as it came', () => {
    expect(at('UTC').moment('infinity')).toBe('infinity');
    expect(at('UTC').isPast('infinity')).toBe(false);
    expect(at('Nowhere/Land').clock(now)).toMatch(/^\d\d:\d\d$/);
  });
});

it('a language is the first wish that has words', () => {
  expect(chooseLanguage([undefined, 'xx', 'he-IL', 'en'])).toBe('he');
  expect(chooseLanguage([null, 'constructor', '__proto__'])).toBe('en');
});
