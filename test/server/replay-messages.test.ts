// What a herd has missed is encoded once, and what is kept of it is bounded.
import { expect, it } from '@jest/globals';
import type { Batch } from '../../src/feed/drain-session.ts';
import { ReplayMessages } from '../../src/server/replay-messages.ts';

const epoch = '5f2c0a9e-3a54-4c6b-9f0e-1f6f3ad0a001';

function batch(number: number, text: string): Batch {
  const change = { seq: '1', changed: [], before: null, actor: null, actor_name: null, at: '', count: 1 };
  const event = { topic: 'task', kind: 'created', id: number, row: { id: number, text }, change, bytes: text.length };
  const [from, to] = [`${epoch}.${number}:${number}:`, `${epoch}.${number + 1}:${number + 1}:`];
  return { from, to, asOf: [number + 1, 0], term: 0, events: [event as unknown as Batch['events'][number]] };
}

it('encodes a batch once for all who missed it, in either form', () => {
  const missed = { batch: new ReplayMessages('batch'), single: new ReplayMessages('single') };
  const one = batch(1, 'one');
  expect(missed.batch.of(one).map(({ text }) => text.slice(0, 15))).toEqual(['2["feed:batch",']);
  expect(missed.single.of(one).map(({ text }) => text.slice(0, 17))).toEqual(['2["task:created",']);
  expect(missed.batch.of(one)).toBe(missed.batch.of(one));
});

it('keeps what was used last, and never more than it may', () => {
  const missed = new ReplayMessages('batch', { maxBytes: 25_000 });
  const [one, two, three] = [1, 2, 3].map((number) => batch(number, 'x'.repeat(5_000))) as [Batch, Batch, Batch];
  const [first, second] = [missed.of(one), missed.of(two)];
  expect(missed.of(one) === first).toBe(true);
  missed.of(three);
  expect(missed.bytes).toBeLessThanOrEqual(25_000);
  expect(missed.of(one) === first).toBe(true);
  expect(missed.of(two) === second).toBe(false);
  expect(missed.of(batch(4, 'x'.repeat(50_000)))).toHaveLength(1);
  expect(missed.bytes).toBe(0);
});
