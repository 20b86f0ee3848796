// Ways of doing it that look right and are not. Each stays here, and loses to the same commands that the client wins.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { step } from '../../src/client/line.ts';
import type { Effect, Line, LineEvent } from '../../src/client/line-state.ts';
import type { StepLine } from '../../src/client/line-step.ts';
import { laterOf, placeOf } from '../../src/client/place.ts';
import { type StoreRule, storeRule } from '../../src/client/row-store.ts';
import type { FeedBatch } from '../../src/protocol/feed.ts';
import { type Command, commands, run } from './model-run.ts';
import type { Parts } from './model-tab.ts';

/** The client's own step, given other events. */
const hearing =
  (hear: (event: LineEvent, line: Line) => LineEvent): StepLine =>
  (line, event, at) =>
    step(line, hear(event, line), at);

/** The client's own step, with something done to what comes of it. */
const afterwards =
  (change: (after: Line, event: LineEvent, before: Line) => Line): StepLine =>
  (line, event, at) => {
    const next = step(line, event, at);
    return { ...next, line: change(next.line, event, line) };
  };

const withBatch = (event: LineEvent, change: (batch: FeedBatch) => FeedBatch): LineEvent =>
  event.type === 'batch' ? { ...event, batch: change(event.batch) } : event;

const versionOf = (row: object | undefined) => (row as { version?: number } | undefined)?.version ?? 0;

const applyByVersion: StoreRule = {
  ...storeRule,
  isNews: (told, known) => versionOf(told.row) >= versionOf(known.row),
};

const showParts: StepLine = (line, event, at) => {
  const next = step(line, event, at);
  if (line.phase !== 'live' || event.type !== 'batch' || event.batch.to !== undefined) return next;
  const show: Effect = { do: 'show', snapshot: undefined, batches: [event.batch], upTo: [0, 0] };
  return { ...next, effects: [...next.effects, show] };
};

const emptyFirst: StepLine = (line, event, at) => {
  const next = step(line, event, at);
  if (event.type !== 'reset' || !line.place) return next;
  const snapshot = { place: line.place, horizon: line.place.asOf, lists: new Map() };
  const show: Effect = { do: 'show', snapshot, batches: [], upTo: [0, 0] };
  return { ...next, effects: [show, ...next.effects] };
};

const showMissedAsItComes: StepLine = (line, event, at) => {
  const next = step(line, event, at);
  if (line.phase !== 'catching up' || event.type !== 'batch') return next;
  const show: Effect = { do: 'show', snapshot: next.line.loaded, batches: [event.batch], upTo: [0, 0] };
  return { line: { ...next.line, loaded: undefined }, effects: [...next.effects, show] };
};

const variants: Record<string, Parts> = {
  'takes any answer for that to its last question': {
    step: hearing((event, { asked }) => {
      if (event.type === 'ready') return { ...event, ready: { ...event.ready, ask: asked } };
      return event;
    }),
  },
  'reckons that it asked when the connection stood': {
    step: (line, event, at) => {
      const next = step(line, event, at);
      return event.type === 'connected' ? { ...next, line: { ...next.line, askedAt: at.wall } } : next;
    },
  },
  'orders rows by their version': { rule: applyByVersion },
  'moves its cursor before feed:ready': {
    step: afterwards((after, event) => {
      if (after.phase !== 'catching up' || event.type !== 'batch' || !after.place) return after;
      const to = placeOf(event.batch.to);
      return to?.epoch === after.place.epoch ? { ...after, place: laterOf(after.place, to) } : after;
    }),
  },
  'lets a pulse that was overtaken move its cursor back': {
    step: afterwards((after, event) => {
      const told = event.type === 'pulse' ? placeOf(event.pulse.cursor) : undefined;
      const isOurs = after.phase === 'live' && told?.epoch === after.place?.epoch;
      return isOurs ? { ...after, place: told } : after;
    }),
  },
  'follows no chain': {
    step: hearing((event, { chain }) => withBatch(event, (batch) => ({ ...batch, from: chain?.cursor ?? batch.from }))),
  },
  'believes every pulse': {
    step: hearing((event) => {
      if (event.type !== 'pulse') return event;
      const { tip: _, ...pulse } = event.pulse;
      return { ...event, pulse };
    }),
  },
  'does not count the parts of a batch': {
    step: hearing((event, { held }) => withBatch(event, (batch) => ({ ...batch, part: held.length }))),
  },
  'shows a part of a batch': { step: showParts },
  'shows what was missed as it comes': { step: showMissedAsItComes },
  'empties the store before it loads anew': { step: emptyFirst },
  'reads on from the latest page': {
    step: hearing((event) => {
      if (event.type !== 'loaded' || !event.snapshot) return event;
      const { snapshot } = event;
      const { epoch, cursor } = snapshot.place;
      const [, xmin = ''] = cursor.split('.')[1]?.split(':') ?? [];
      const latest = {
        epoch,
        asOf: snapshot.horizon,
        cursor: `${epoch}.${snapshot.horizon[0]}:${snapshot.horizon[0]}:`,
      };
      return { ...event, snapshot: { ...snapshot, place: xmin === '' ? snapshot.place : latest } };
    }),
  },
  'believes the transport rather than pulses': {
    step: afterwards((after, _event) => (after.phase === 'live' ? { ...after, freshAt: after.seen?.steady } : after)),
  },
  'does not see that the machine has slept': { step: afterwards((after) => ({ ...after, isSuspect: false })) },
  'takes a message for as young as its arrival': {
    step: (line, event, at) => {
      const now = new Date(at.wall).toISOString();
      if (event.type === 'pulse') return step(line, { ...event, pulse: { ...event.pulse, now } }, at);
      if (event.type === 'ready') return step(line, { ...event, ready: { ...event.ready, now } }, at);
      return step(line, event, at);
    },
  },
};

const put = (...ids: number[]): Command => ({
  what: 'write',
  writes: ids.map((id) => ({ do: 'put task', id, system_id: null })),
});
const again: Command = {
  what: 'write',
  writes: [
    { do: 'delete task', id: 1 },
    { do: 'put task', id: 1, system_id: null },
  ],
};
const drain: Command = { what: 'drain' };
const settle: Command = { what: 'settle', tab: 0 };
const drop: Command = { what: 'drop', tab: 0 };
const cut: Command = { what: 'cut', tab: 0 };
const deliver: Command = { what: 'deliver', tab: 0, count: 1 };

const deliverUp: Command = { what: 'deliverUp', tab: 0 };
const sleep: Command = { what: 'sleep', ms: 3_600_000 };
const deliverAll: Command = { what: 'deliver', tab: 0, count: 4 };

/** What chance finds seldom. The client itself wins these too. */
const traps: Command[][] = [
  [settle, put(1), drain, settle, again, drain, settle],
  [settle, cut, put(1), drain, put(2), drain, { what: 'time', ms: 1_000 }, deliverUp, deliver, deliver, cut],
  [settle, put(1), drain, drop, put(2), drain, settle],
  [settle, put(1), drain, drop, { what: 'pulse' }, settle, cut],
  [settle, put(1, 2, 3), drain, drop, settle],
  [settle, { what: 'pulse' }, put(1), drain, { what: 'swap', tab: 0 }, deliver, deliver, settle],
  [settle, { what: 'pulse' }, { what: 'time', ms: 9_000 }, deliver, { what: 'time', ms: 9_000 }],
  [settle, { what: 'look', tab: 0 }, deliverUp, sleep, deliverAll],
  [settle, cut, { what: 'time', ms: 1_000 }, deliverUp, sleep, deliverAll],
];

it.each(traps.map((trap) => [trap.map(({ what }) => what).join(', '), trap] as const))(
  'the client wins %s',
  async (_what, trap) => await run(trap),
);

describe('a client that', () => {
  it.each(Object.entries(variants))('%s is found out', async (_what, parts) => {
    const found = await fc.check(
      fc.asyncProperty(commands, (sequence) => run(sequence, parts)),
      { numRuns: 300, seed: 20261122, endOnFailure: true, examples: traps.map((trap): [Command[]] => [trap]) },
    );
    expect(found.failed).toBe(true);
  });
});
