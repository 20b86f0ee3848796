// A line becomes a task. The site is in Berlin, and it is Monday, 23 November 2026, 14:00.
import { describe, expect, it } from '@jest/globals';
import { complete, completionAt } from '../../src/web/manager/create/complete.model.ts';
import { linesIn } from '../../src/web/manager/create/create.model.ts';
import { readLine } from '../../src/web/manager/create/line.model.ts';
import { daysAt } from '../../src/web/manager/times/days.ts';

const zone = 'Europe/Berlin';
const days = daysAt(Date.parse('2026-11-23T13:00:00Z'), zone);
const names = {
  employees: [
    { id: 1, name: 'Dana Levi' },
    { id: 2, name: 'Dana Levine' },
    { id: 3, name: 'Omar Haddad' },
    { id: 4, name: 'נועה בן־דוד' },
  ],
  systems: [
    { id: 7, name: 'Boiler 2' },
    { id: 8, name: 'Intake pump' },
    { id: 9, name: 'Intake screen' },
  ],
};
const options = { days, zone, names };
const read = (text: string) => readLine(text, options).task;
const unclear = (text: string) =>
  readLine(text, options).unclear.map(({ text: said, found }) => [said, found.map(({ id }) => id)]);

describe('a line', () => {
  it('names who, where, when and how urgent', () => {
    expect(read('Check valve @omar #boiler tomorrow 14:00 !')).toEqual({
      title: 'Check valve',
      employee_id: 3,
      system_id: 7,
      due_at: '2026-11-24T13:00:00.000Z',
      priority: 'urgent',
    });
  });

  it('may name them in any order, by a whole name or by the beginning of a word of it', () => {
    expect(read('@Dana Levi grease #pump')).toEqual({ title: 'grease', employee_id: 1, system_id: 8 });
    expect(read('grease @levine, slowly')).toEqual({ title: 'grease , slowly', employee_id: 2 });
    expect(read('לבדוק את המשאבה @נועה מחר ב־8:30')).toEqual({
      title: 'לבדוק את המשאבה',
      employee_id: 4,
      due_at: '2026-11-24T07:30:00.000Z',
    });
  });

  it('keeps a name in the title, and tells it, that stands for nobody or for several', () => {
    expect(read('Ask @frank')).toEqual({ title: 'Ask @frank' });
    expect(unclear('Ask @frank')).toEqual([['@frank', []]]);
    expect(unclear('Ask @dana about #intake')).toEqual([
      ['@dana', [1, 2]],
      ['#intake', [8, 9]],
    ]);
  });

  it('takes no address, no number and no lonely sign for a name', () => {
    expect(unclear('Write to a@b.example, pump @ 5 bar, see #12 and C#')).toEqual([]);
    expect(read('pump @ 5 bar, see #12')).toEqual({ title: 'pump @ 5 bar, see #12' });
  });

  it.each([
    ['x today', '2026-11-23T16:00:00.000Z'],
    ['x 13:00', '2026-11-24T12:00:00.000Z'],
    ['x 14:30', '2026-11-23T13:30:00.000Z'],
    ['x tomorrow', '2026-11-24T08:00:00.000Z'],
    ['x on Monday', '2026-11-30T08:00:00.000Z'],
    ['x tue at 7:15', '2026-11-24T06:15:00.000Z'],
    ['x 9:00 by wednesday', '2026-11-25T08:00:00.000Z'],
    ['x 2026-12-01 09:30', '2026-12-01T08:30:00.000Z'],
    ['x ! היום', '2026-11-23T16:00:00.000Z'],
    ['x מחרתיים', '2026-11-25T08:00:00.000Z'],
    ['x ביום שני', '2026-11-30T08:00:00.000Z'],
    ['x בשבת', '2026-11-28T08:00:00.000Z'],
  ])('ends with a time: %s', (text, due_at) => {
    expect(read(text)).toMatchObject({ title: 'x', due_at });
  });

  it('means the end of the day by today in the evening, and the wall of the site on days of 25 hours', () => {
    const late = { ...options, days: daysAt(Date.parse('2026-11-23T20:00:00Z'), zone) };
    expect(readLine('x today', late).task.due_at).toBe('2026-11-23T22:59:00.000Z');
    expect(read('x 2027-10-31 09:00').due_at).toBe('2027-10-31T08:00:00.000Z');
  });

  it('may speak of days, times and marks before its end', () => {
    expect(read('Print the monday report for 14:00 again')).toEqual({
      title: 'Print the monday report for 14:00 again',
    });
    expect(read('Wow ! that leaks at the joint')).toEqual({ title: 'Wow ! that leaks at the joint' });
    expect(read('Look at')).toEqual({ title: 'Look at' });
    expect(read('constructor __proto__')).toEqual({ title: 'constructor __proto__' });
  });
});

describe('many lines', () => {
  it('take from the fields what they do not say themselves', () => {
    const { lines } = linesIn('- one @omar\n- two', { employee_id: 1, system_id: 9 }, options);
    expect(lines.map(({ task }) => task)).toEqual([
      { title: 'one', employee_id: 3, system_id: 9 },
      { title: 'two', employee_id: 1, system_id: 9 },
    ]);
  });

  it('say which of them has no title', () => {
    expect(linesIn('one\n@omar tomorrow', {}, options)).toMatchObject({ untitled: 2, tooLong: undefined });
  });
});

describe('a name being typed', () => {
  const offered = (text: string) => completionAt(text, text.length, names)?.choices.map(({ id }) => id);

  it('is offered what it could become', () => {
    expect(offered('Check @')).toEqual([1, 2, 3, 4]);
    expect(offered('Check @da')).toEqual([1, 2]);
    expect(offered('Check @Dana Levi')).toEqual([2]);
    expect(offered('Check #int')).toEqual([8, 9]);
  });

  it('is offered nothing where there is no name', () => {
    expect(offered('Check')).toBeUndefined();
    expect(offered('a@da')).toBeUndefined();
    expect(offered('Check @omar today')).toBeUndefined();
    expect(offered('Check @Omar Haddad')).toBeUndefined();
  });

  it('is completed where the caret is, and the rest of the text stays', () => {
    expect(complete('Check @om today', 9, 6, 'Omar Haddad')).toEqual({ text: 'Check @Omar Haddad today', caret: 19 });
  });
});
