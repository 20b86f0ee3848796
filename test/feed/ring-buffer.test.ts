import { describe, expect, it } from '@jest/globals';
import type { Batch } from '../../src/feed/drain-session.ts';
import { RingBuffer } from '../../src/feed/ring-buffer.ts';

const epoch = '5f2c0a9e-3a54-4c6b-9f0e-1f6f3ad0a001';
const other = '5f2c0a9e-3a54-4c6b-9f0e-1f6f3ad0a002';
const at = (xid: number, in_ = epoch) => `${in_}.${xid}:${xid}:`;

/** Of 300 bytes or a little less as JSON, beside its note. */
function batch(from: number, to: number, note = ''): Batch {
  const change = {
    seq: '7',
    changed: ['note'],
    before: { note: null },
    actor: 'link:1',
    actor_name: 'Dana',
    at: '',
    count: 1,
  };
  const event = {
    topic: 'task',
    kind: 'updated' as const,
    id: 1,
    row: { id: 1, note },
    change,
    audience: [4],
    bytes: 9,
  };
  return { from: at(from), to: at(to), asOf: [to, 0], term: 0, events: [{ ...event, isForAudienceOnly: false }] };
}

function spans(batches: Batch[] | undefined): number[] | undefined {
  return batches?.map(({ asOf }) => asOf[0]);
}

describe('the ring buffer', () => {
  it('gives a reader the batches that end after its cursor', () => {
    const ring = new RingBuffer({ maxBytes: 10_000 });
    ring.begin(at(10));
    ring.push(batch(10, 20));
    ring.push(batch(20, 30));
    expect(spans(ring.since(at(10)))).toEqual([20, 30]);
    expect(spans(ring.since(at(20)))).toEqual([30]);
    // A cursor within a batch gets the whole batch: what it has seen already is told by as_of.
    expect(spans(ring.since(at(25)))).toEqual([30]);
    expect(spans(ring.since(at(30)))).toEqual([]);
    expect(spans(ring.since(at(99)))).toEqual([]);
  });

  it('gives it as it was pushed, and says how many there are without making them', () => {
    const ring = new RingBuffer({ maxBytes: 10_000 });
    ring.begin(at(10));
    ring.push(batch(10, 20, 'Büro – "1" \u2028'));
    ring.push({ ...batch(20, 30), events: [], reset: { reason: 'bulk', count: 6_000 } });
    expect(ring.countSince(at(10))).toBe(2);
    expect(ring.countSince(at(20))).toBe(1);
    expect(ring.countSince(at(9))).toBeUndefined();
    expect(ring.since(at(10))).toEqual([
      batch(10, 20, 'Büro – "1" \u2028'),
      { ...batch(20, 30), events: [], reset: { reason: 'bulk', count: 6_000 } },
    ]);
  });

  it('gives one and the same batch to all who come while one of them has it', () => {
    const ring = new RingBuffer({ maxBytes: 10_000 });
    ring.begin(at(10));
    ring.push(batch(10, 20));
    const [first] = ring.since(at(10)) ?? [];
    expect(ring.since(at(15))?.[0]).toBe(first);
  });

  it('is not changed by who changes what it was given', () => {
    const ring = new RingBuffer({ maxBytes: 10_000 });
    ring.begin(at(10));
    const pushed = batch(10, 20);
    ring.push(pushed);
    pushed.events.length = 0;
    expect(ring.since(at(10))).toEqual([batch(10, 20)]);
  });

  it('does not claim to know what was before its beginning, or of another epoch', () => {
    const ring = new RingBuffer({ maxBytes: 10_000 });
    expect(ring.since(at(10))).toBeUndefined();
    ring.begin(at(10));
    expect(ring.since(at(9))).toBeUndefined();
    expect(ring.since(at(10, other))).toBeUndefined();
    expect(ring.since(at(10))).toEqual([]);
  });

  it('lets the oldest go when it is full, and begins after it then', () => {
    const ring = new RingBuffer({ maxBytes: 800 });
    ring.begin(at(10));
    for (const from of [10, 20, 30]) ring.push(batch(from, from + 10));
    expect(ring.bytes).toBeLessThanOrEqual(800);
    expect(ring.since(at(10))).toBeUndefined();
    expect(spans(ring.since(at(20)))).toEqual([30, 40]);
  });

  it('keeps nothing of a batch that is larger than itself', () => {
    const ring = new RingBuffer({ maxBytes: 800 });
    ring.begin(at(10));
    ring.push(batch(10, 20, 'x'.repeat(800)));
    expect(ring.bytes).toBe(0);
    expect(ring.since(at(19))).toBeUndefined();
    expect(ring.since(at(20))).toEqual([]);
  });

  it('forgets everything with a new epoch', () => {
    const ring = new RingBuffer({ maxBytes: 10_000 });
    ring.begin(at(10));
    ring.push(batch(10, 20));
    ring.push({ from: at(20), to: at(5, other), asOf: [5, 0], term: 0, events: [], reset: { reason: 'epoch' } });
    expect(ring.since(at(20))).toBeUndefined();
    expect(ring.since(at(5, other))).toEqual([]);
  });
});
