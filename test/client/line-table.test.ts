// The tables of the machine: complete by their types, and what holds in every state.
import { describe, expect, it } from '@jest/globals';
import { step } from '../../src/client/line.ts';
import { stay } from '../../src/client/line-moves.ts';
import { idleLine, type Line, type LineEvent, type Phase } from '../../src/client/line-state.ts';
import type { StepLine, Table } from '../../src/client/line-step.ts';
import { stepLink } from '../../src/client/link-line.ts';
import { placeOf } from '../../src/client/place.ts';
import { batchOf, cursorAt } from './factories.ts';

const at = { steady: 100_000, wall: 1_800_000_000_000, chance: 0.5 };
const now = new Date(at.wall).toISOString();
const phases: Phase[] = ['idle', 'loading', 'waiting', 'connecting', 'catching up', 'live', 'ended'];
const machines: [string, StepLine][] = [
  ['a feed', step],
  ['a link', stepLink],
];

const events: LineEvent[] = [
  { type: 'start' },
  { type: 'stop' },
  { type: 'loaded', run: 1 },
  { type: 'loadFailed', run: 1, trouble: 'no' },
  { type: 'connected' },
  { type: 'lost' },
  { type: 'refused', code: 'too_many', retry: true },
  { type: 'ready', ready: { ask: 1, cursor: cursorAt(10), outcome: 'current', count: 0, now } },
  { type: 'batch', batch: batchOf(10, 12, []) },
  { type: 'reset', reset: { reason: 'bulk', spread_ms: 0 } },
  { type: 'pulse', pulse: { cursor: cursorAt(12), now, state: 'live' } },
  { type: 'end', code: 'revoked' },
  { type: 'check' },
  { type: 'tick' },
];

function lineIn(phase: Phase): Line {
  const place = placeOf(cursorAt(10));
  return { ...idleLine, phase, run: 1, asked: 1, isConnected: true, place, chain: place, askedAt: at.wall };
}

describe('a table', () => {
  it('does not compile without an answer to every event in every state', () => {
    const answers = {
      start: stay,
      stop: stay,
      loaded: stay,
      loadFailed: stay,
      connected: stay,
      lost: stay,
      refused: stay,
      ready: stay,
      batch: stay,
      reset: stay,
      pulse: stay,
      end: stay,
      check: stay,
    };
    const state: Table['live'] = { ...answers, tick: stay };
    // @ts-expect-error: `tick` has no answer.
    const withoutEvent: Table['live'] = answers;
    const states = {
      idle: state,
      loading: state,
      waiting: state,
      connecting: state,
      'catching up': state,
      live: state,
    };
    // @ts-expect-error: `ended` has none.
    const withoutState: Table = states;
    expect([withoutEvent, withoutState, { ...states, ended: state } satisfies Table]).toHaveLength(3);
  });
});

describe.each(machines)('the line of %s', (_of, next) => {
  it.each(['idle', 'ended'] as const)('rests when it is %s: nothing but a start leads out', (phase) => {
    const line = next(lineIn(phase), { type: 'stop' }, at).line;
    for (const event of events) {
      const after = next(line, event, at);
      if (event.type === 'start') expect(['loading', 'connecting']).toContain(after.line.phase);
      else expect([event.type, after]).toEqual([event.type, { line, effects: [] }]);
    }
  });

  it.each(phases.filter((phase) => phase !== 'idle' && phase !== 'ended'))(
    'closes its connection, whatever is under way, when it is stopped or ended while %s',
    (phase) => {
      const line = lineIn(phase);
      expect(next(line, { type: 'stop' }, at)).toMatchObject({
        line: { phase: 'idle', run: 2, isConnected: false },
        effects: [{ do: 'disconnect' }],
      });
      expect(next(line, { type: 'end', code: 'revoked' }, at)).toMatchObject({
        line: { phase: 'ended', endCode: 'revoked', isConnected: false },
        effects: [{ do: 'disconnect' }],
      });
    },
  );

  it('is not moved by the answer to a load that is not the newest', () => {
    const line = lineIn('loading');
    const answers: LineEvent[] = [
      { type: 'loaded', run: 0 },
      { type: 'loadFailed', run: 0, trouble: 'no', endCode: 'unauthenticated' },
    ];
    for (const event of answers) expect(next(line, event, at).line).toMatchObject({ phase: 'loading', run: 1 });
  });

  it.each(phases)('goes from %s only where SPEC.md says, at any event', (phase) => {
    const reached = events.map((event) => [event.type, next(lineIn(phase), event, at).line.phase] as const);
    const moved = Object.fromEntries(reached.filter(([, after]) => after !== phase));
    expect(moved).toEqual((next === step ? ofFeed : ofLink)[phase]);
  });
});

const ends = { stop: 'idle', end: 'ended' } as const;

/** Where each event leads that leads anywhere. */
const ofFeed: Record<Phase, Record<string, Phase>> = {
  idle: { start: 'loading' },
  ended: { start: 'loading' },
  loading: { ...ends },
  waiting: { ...ends, check: 'connecting' },
  connecting: { ...ends, connected: 'catching up', lost: 'waiting', refused: 'waiting' },
  'catching up': {
    ...ends,
    ready: 'live',
    reset: 'loading',
    lost: 'waiting',
    refused: 'waiting',
  },
  live: { ...ends, reset: 'loading', lost: 'waiting', refused: 'waiting' },
};

const ofLink: Record<Phase, Record<string, Phase>> = {
  idle: { start: 'connecting' },
  ended: { start: 'connecting' },
  loading: {
    ...ends,
    loaded: 'live',
    reset: 'waiting',
    lost: 'waiting',
    refused: 'waiting',
  },
  waiting: { ...ends, ready: 'loading' },
  connecting: { ...ends, connected: 'catching up', lost: 'waiting', refused: 'waiting' },
  'catching up': {
    ...ends,
    ready: 'loading',
    reset: 'waiting',
    lost: 'waiting',
    refused: 'waiting',
  },
  live: { ...ends, ready: 'loading', reset: 'waiting', lost: 'waiting', refused: 'waiting' },
};
