import { describe, expect, it } from '@jest/globals';
import { type DrainedRow, toEvent } from '../../src/feed/conflate.ts';

const drained: DrainedRow = {
  topic: 'task',
  row_id: '7',
  seq: '12',
  count: 2,
  inserted: false,
  before: { id: 7, title: 'old', note: null, version: 3, updated_at: 'a' },
  actor: 'manager:1',
  actor_name: 'Dana',
  at: '2026-01-02T03:04:05+00:00',
  row: { id: 7, title: 'new', note: null, version: 5, updated_at: 'b', system_name: 'Boiler', image_ids: [1] },
  gone: null,
  was: null,
  audience: null,
  unseen: false,
};

describe('a drained row becomes an event', () => {
  it('updated: with the old values of the fields that differ, without bookkeeping', () => {
    expect(toEvent(drained)).toMatchObject({
      kind: 'updated',
      id: 7,
      row: { title: 'new' },
      change: { changed: ['title'], before: { title: 'old' }, actor: 'manager:1', actor_name: 'Dana', count: 2 },
    });
  });

  it('created: when it was inserted within the slice, whatever came after', () => {
    const event = toEvent({ ...drained, inserted: true, before: null });
    expect(event).toMatchObject({ kind: 'created', change: { changed: [], before: null } });
  });

  it('deleted: when the row is gone, also if it was inserted within the slice', () => {
    const gone = { id: 7, title: 'last' };
    expect(toEvent({ ...drained, row: null, gone })).toMatchObject({ kind: 'deleted', row: gone });
    expect(toEvent({ ...drained, inserted: true, row: null, gone }).kind).toBe('deleted');
  });

  it('names a field that is only shown, with its old value', () => {
    const event = toEvent({ ...drained, before: null, count: 0, was: { system_name: 'Kiln', image_ids: null } });
    expect(event.change).toMatchObject({
      changed: ['system_name', 'image_ids'],
      before: { system_name: 'Kiln', image_ids: null },
      count: 0,
    });
  });

  it('changed there and back: an event without changed fields', () => {
    expect(toEvent({ ...drained, before: { id: 7, title: 'new' } }).change).toMatchObject({ changed: [], before: {} });
  });
});
