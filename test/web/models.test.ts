// What the screens make of tasks: filters, groups, columns, order. Times are those of a site in Berlin.
import { describe, expect, it } from '@jest/globals';
import type { ListedTask } from '../../src/client/index.ts';
import { columnsOf, nextColumn } from '../../src/web/manager/board/board.model.ts';
import { linesIn } from '../../src/web/manager/create/create.model.ts';
import { filterTasks, noFilters, parseFilters, writeFilters } from '../../src/web/manager/filters/filters.model.ts';
import { csvOf, nextSort, parseSort, sortTasks } from '../../src/web/manager/table/table.model.ts';
import { daysAt, nextMoveAt } from '../../src/web/manager/times/days.ts';
import { fromWallText, startOfDay, toWallText } from '../../src/web/manager/times/zone.ts';
import { todayView } from '../../src/web/manager/today/today.model.ts';

const berlin = 'Europe/Berlin';
// 23 November 2026, 14:00 in Berlin.
const now = Date.parse('2026-11-23T13:00:00Z');
const days = daysAt(now, berlin);

function task(id: number, values: Partial<ListedTask> = {}): ListedTask {
  const none = { description: null, note: null, review_note: null, system_id: null, employee_id: null, due_at: null };
  const times = { sent_at: null, acknowledged_at: null, completed_at: null };
  const names = { system_name: null, employee_name: null };
  const at = '2026-11-01T00:00:00Z';
  const fixed = {
    title: `Task ${id}`,
    priority: 'normal',
    status: 'sent',
    version: 1,
    created_at: at,
    updated_at: at,
  } as const;
  return { id, ...fixed, ...none, ...times, ...names, image_ids: [], ...values };
}

const due = (id: number, due_at: string | null, more: Partial<ListedTask> = {}) => task(id, { due_at, ...more });
const ids = (tasks: readonly ListedTask[]) => tasks.map(({ id }) => id);

describe('days of the site', () => {
  it('begin at its own midnight, also on days of 23 and 25 hours', () => {
    expect(new Date(startOfDay(now, berlin)).toISOString()).toBe('2026-11-22T23:00:00.000Z');
    const spring = Date.parse('2026-03-29T12:00:00Z');
    expect(startOfDay(spring, berlin, 1) - startOfDay(spring, berlin)).toBe(23 * 3_600_000);
    const autumn = Date.parse('2026-10-25T12:00:00Z');
    expect(startOfDay(autumn, berlin, 1) - startOfDay(autumn, berlin)).toBe(25 * 3_600_000);
  });

  it('turn a clock on the wall into a moment and back', () => {
    expect(fromWallText('2026-07-01T09:30', berlin)).toBe(Date.parse('2026-07-01T07:30:00Z'));
    expect(toWallText(Date.parse('2026-07-01T07:30:00Z'), berlin)).toBe('2026-07-01T09:30');
    // 02:30 does not exist on that day; 03:30 is meant.
    expect(fromWallText('2026-03-29T02:30', berlin)).toBe(Date.parse('2026-03-29T01:30:00Z'));
    expect(fromWallText('tomorrow', berlin)).toBeUndefined();
  });

  it('say when the clock alone will move a task next', () => {
    const soon = due(1, '2026-11-23T13:10:00Z');
    const done = due(2, '2026-11-23T13:05:00Z', { status: 'completed' });
    expect(nextMoveAt([soon, done], days)).toBe(Date.parse('2026-11-23T13:10:00Z') + 1);
    expect(nextMoveAt([done], days)).toBe(Date.parse('2026-11-23T23:00:00Z'));
  });
});

describe('filters', () => {
  const all = [
    due(1, '2026-11-23T12:00:00Z', { status: 'draft', employee_id: 4, employee_name: 'Dana' }),
    due(2, '2026-11-23T22:30:00Z', { title: 'Check the pump', system_id: 2, system_name: 'Pump hall' }),
    due(3, '2026-11-24T08:00:00Z', { priority: 'urgent' }),
    due(4, null, { note: 'Pump is dry' }),
    due(5, '2026-11-20T08:00:00Z', { status: 'completed' }),
    due(6, 'infinity'),
  ];
  // Somebody gave it these in psql.
  const zero = due(7, null, { employee_id: 0, employee_name: 'Zero', system_id: 0, system_name: 'Nought' });
  const found = (query: string) => ids(filterTasks(all, parseFilters(new URLSearchParams(query)), days));

  it.each([
    ['due=overdue', [1]],
    ['due=today', [1, 2]],
    ['due=tomorrow', [3]],
    ['due=week', [1, 2, 3]],
    ['due=none', [4]],
    ['due=overdue,tomorrow', [1, 3]],
    ['employee=4', [1]],
    ['employee=none', [2, 3, 4, 5, 6]],
    ['employee=4,none&status=draft', [1]],
    ['system=2', [2]],
    ['priority=urgent', [3]],
    ['q=PUMP', [2, 4]],
    ['q=pump%20check', [2]],
    ['q=%235', [5]],
    ['status=nonsense&employee=x', [1, 2, 3, 4, 5, 6]],
  ])('%s finds %j', (query, wanted) => {
    expect(found(query)).toEqual(wanted);
  });

  it.each([
    ['employee=0', [7]],
    ['system=0', [7]],
    ['employee=none', [2, 3, 4, 5, 6]],
    ['system=none', [1, 3, 4, 5, 6]],
    ['employee=0,none&due=none', [4, 7]],
    ['employee=-0,00,0x0', [1, 2, 3, 4, 5, 6, 7]],
  ])('tell an id that is 0 from none: %s finds %j', (query, wanted) => {
    expect(ids(filterTasks([...all, zero], parseFilters(new URLSearchParams(query)), days))).toEqual(wanted);
  });

  it('are the same after a way through the address, beside what else is in it', () => {
    const filters = {
      ...noFilters,
      status: ['sent', 'draft'] as const,
      employee: ['none', 0, 7] as const,
      due: ['week'] as const,
      text: 'a b&c',
    };
    const query = writeFilters(new URLSearchParams('task=9'), filters);
    expect(query.get('task')).toBe('9');
    expect(parseFilters(new URLSearchParams(query.toString()))).toEqual({ ...filters, status: ['draft', 'sent'] });
    expect(writeFilters(query, noFilters).toString()).toBe('task=9');
  });
});

describe('today', () => {
  it('splits what is overdue by age and counts what matters', () => {
    const view = todayView(
      [
        due(1, '2026-11-23T10:00:00Z'),
        due(2, '2026-11-21T10:00:00Z', { status: 'pending_approval' }),
        due(3, '2026-11-18T10:00:00Z'),
        due(4, '2026-10-01T10:00:00Z'),
        due(5, '2026-10-01T10:00:00Z', { status: 'completed', completed_at: '2026-11-23T01:00:00Z' }),
        due(6, '2026-11-23T20:00:00Z', { employee_id: 2, employee_name: 'Ben', status: 'in_progress' }),
        due(7, '2026-11-23T19:00:00Z', { employee_id: 1, employee_name: 'Ana' }),
      ],
      days,
    );
    expect(view.overdue.map(({ age, tasks }) => [age, ids(tasks)])).toEqual([
      ['today', [1]],
      ['days', [2]],
      ['week', [3]],
      ['older', [4]],
    ]);
    expect(view.counts).toEqual({ overdue: 4, dueToday: 3, approval: 1, inProgress: 1, doneToday: 1, unassigned: 4 });
    expect(view.people.map(({ name, tasks }) => [name, ids(tasks)])).toEqual([
      [null, [1]],
      ['Ana', [7]],
      ['Ben', [6]],
    ]);
  });
});

describe('the board and the table', () => {
  it('put what is due first on top of a column, and what was completed last', () => {
    const columns = columnsOf([
      due(1, null),
      due(2, '2026-11-25T10:00:00Z'),
      due(3, '2026-11-24T10:00:00Z'),
      task(4, { status: 'completed', completed_at: '2026-11-01T10:00:00Z' }),
      task(5, { status: 'completed', completed_at: '2026-11-02T10:00:00Z' }),
    ]);
    expect([ids(columns.sent), ids(columns.completed)]).toEqual([
      [3, 2, 1],
      [5, 4],
    ]);
  });

  it('never move a task to received by a manager', () => {
    expect(nextColumn('sent', 1)).toBe('in_progress');
    expect(nextColumn('draft', -1)).toBeUndefined();
  });

  it('sort by every column in both directions, tasks without a value last', () => {
    const some = [
      due(1, null, { title: 'B 10' }),
      due(2, '2026-11-25T10:00:00Z', { title: 'B 9' }),
      due(3, '2026-11-24T10:00:00Z', { title: 'A' }),
    ];
    const sorted = (text: string) => ids(sortTasks(some, parseSort(text), 'en'));
    expect([sorted('due'), sorted('-due'), sorted('title'), sorted('-title')]).toEqual([
      [3, 2, 1],
      [2, 3, 1],
      [3, 2, 1],
      [1, 2, 3],
    ]);
    expect(nextSort(parseSort('due'), 'due')).toEqual({ field: 'due', isDescending: true });
    expect(parseSort('nonsense')).toEqual({ field: 'due', isDescending: false });
  });

  it('write CSV that no spreadsheet runs', () => {
    const titles = [{ title: 'Title', value: ({ title }: ListedTask) => title }];
    const csv = csvOf([task(1, { title: '=1+1' }), task(2, { title: 'a "b", c' })], titles);
    expect(csv).toBe('\ufeffTitle\r\n\'=1+1\r\n"a ""b"", c"\r\n');
  });

  it('make tasks of pasted lines', () => {
    const options = { days, zone: berlin, names: { employees: [], systems: [] } };
    const { lines, tooLong } = linesIn(' - one\n\n2) two\n* [ ] three\n-5 bar\r\n', {}, options);
    expect(lines.map(({ task: { title } }) => title)).toEqual(['one', 'two', 'three', '-5 bar']);
    expect(tooLong).toBeUndefined();
    expect(linesIn(`ok\n${'x'.repeat(201)}`, {}, options).tooLong).toBe(2);
  });
});
