// The border of the short way of a drain: rows as a server answers them, and rows as none may.
import { describe, expect, it } from '@jest/globals';
import { foldPlain, plainColumns, readPlainState, referencesOf } from '../../src/feed/plain-drain.ts';
import { topics } from '../../src/tasks/topics.ts';

const references = referencesOf(topics);

const good: Record<string, string | null> = {
  snapshot: null,
  epoch: null,
  standby: null,
  horizon: null,
  is_plain: null,
  topic: 'task',
  seq: '12',
  xid: '900',
  row_id: '7',
  op: 'update',
  before: '{"id": 7, "title": "old", "system_id": null}',
  actor: 'manager:1',
  actor_name: 'Dana',
  at: '"2026-01-02T03:04:05+00:00"',
  row: '{"id":7,"title":"new","system_id":null}',
  audience: '[3]',
};
const cells = (row: object) => plainColumns.map((name) => (row as typeof good)[name] ?? null);
const fold = (row: object) => foldPlain([cells(row)], references);

describe('a row of the short drain', () => {
  it('is folded where it is as it should be', () => {
    expect(fold(good)).toMatchObject([
      {
        ...{ topic: 'task', row_id: '7', seq: '12', count: 1, inserted: false, actor: 'manager:1', actor_name: 'Dana' },
        ...{ at: '2026-01-02T03:04:05+00:00', before: { title: 'old' }, row: { title: 'new' }, audience: [3] },
      },
    ]);
    expect(fold({ ...good, op: 'insert', before: null, actor_name: null, audience: null })).toMatchObject([
      { inserted: true, before: null, actor_name: null, audience: null },
    ]);
  });

  it.each(['topic', 'seq', 'xid', 'row_id', 'op', 'actor', 'at'])('is refused without %s', (name) => {
    expect(() => fold({ ...good, [name]: null })).toThrow('lacks what every change has');
  });

  it.each([
    ['an operation that is not plain', { op: 'delete' }],
    ['a row that is no JSON', { row: '{"id":7' }],
    ['a row that is no object', { row: '[7]' }],
    ['old values that are no object', { before: '"old"' }],
    ['a time that is no text', { at: '5' }],
    ['an audience that is no list of numbers', { audience: '["3"]' }],
  ])('is refused with %s', (_, wrong) => {
    expect(() => fold({ ...good, ...wrong })).toThrow();
  });

  it('is refused with a column too few or too many', () => {
    expect(() => foldPlain([cells(good).slice(1)], references)).toThrow('columns');
    expect(() => foldPlain([[...cells(good), null]], references)).toThrow('columns');
  });

  it('that is gone by now, or shows another row than before, is left to the long way', () => {
    expect(fold({ ...good, row: null })).toBeUndefined();
    expect(fold({ ...good, row: '{"id":7,"title":"new","system_id":2}' })).toBeUndefined();
  });
});

describe('the first row of the short drain', () => {
  const state = { snapshot: '5:5:', epoch: 'e', standby: 'f', horizon: null, is_plain: 't' };

  it('is read where it is as it should be', () => {
    expect(readPlainState(cells(state))).toEqual(state);
    expect(readPlainState(cells({ ...state, epoch: null })).epoch).toBeNull();
  });

  it.each(['snapshot', 'standby', 'is_plain'])('is refused without %s', (name) => {
    expect(() => readPlainState(cells({ ...state, [name]: null }))).toThrow();
    expect(() => readPlainState(undefined)).toThrow();
  });
});
