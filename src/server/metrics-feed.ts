// What is counted of the feed's events, for metrics.ts.
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Batch } from '../feed/drain-session.ts';
import type { Feed } from '../feed/feed.ts';
import { type FeedWatch, latencyMs, preciseClock } from './feed-watch.ts';

export interface WatchFeedOptions {
  feed: Feed;
  watch: FeedWatch;
  registers: Registry[];
}

/** Until the returned function is called. */
export function watchFeed({ feed, watch, registers }: WatchFeedOptions): () => void {
  const { listener } = feed;
  const stops = [
    listener.on('batch:drained', countBatches(watch, registers)),
    ...countDrains(feed, registers),
    ...countReaders(feed, registers),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function countBatches(watch: FeedWatch, registers: Registry[]): (batch: Batch) => void {
  const now = preciseClock();
  const events = new Counter({
    name: 'taskfeed_events_total',
    help: 'Events told: changed rows of a drain, by topic and kind.',
    labelNames: ['topic', 'kind'],
    registers,
  });
  const changes = new Counter({
    name: 'taskfeed_changes_total',
    help: 'Changes of rows that the events stand for.',
    registers,
  });
  const delivered = new Counter({
    name: 'taskfeed_events_delivered_total',
    help: 'Events told, times the sockets of managers that they were told to.',
    registers,
  });
  const latency = new Histogram({
    name: 'taskfeed_change_latency_seconds',
    help: "From the change in its transaction (the database's clock) to the sockets (this machine's clock).",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const resets = new Counter({
    name: 'taskfeed_resets_total',
    help: 'Times that all clients were told to load anew, by reason.',
    labelNames: ['reason'],
    registers,
  });
  return (batch) => {
    if (batch.reset) resets.inc({ reason: batch.reset.reason });
    const visible = batch.events.filter(({ isForAudienceOnly }) => !isForAudienceOnly);
    const time = now();
    // Counted here and told once: every call costs a search for its labels.
    const kinds = new Map<string, number>();
    let changed = 0;
    for (const { topic, kind, change } of visible) {
      const labels = `${topic} ${kind}`;
      kinds.set(labels, (kinds.get(labels) ?? 0) + 1);
      changed += change.count;
      latency.observe(latencyMs(change.at, time) / 1_000);
    }
    for (const [labels, count] of kinds) {
      const [topic = '', kind = ''] = labels.split(' ');
      events.inc({ topic, kind }, count);
    }
    changes.inc(changed);
    delivered.inc(visible.length * watch.clients().managers);
  };
}

function countDrains({ listener }: Feed, registers: Registry[]): (() => void)[] {
  const seconds = new Histogram({
    name: 'taskfeed_drain_seconds',
    help: 'How long drains took, also those that found nothing.',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2],
    registers,
  });
  const found = new Histogram({
    name: 'taskfeed_drain_events',
    help: 'Events of the drains that found something.',
    buckets: [1, 2, 5, 10, 50, 100, 500, 1_000, 5_000],
    registers,
  });
  const failures = new Counter({ name: 'taskfeed_drain_failures_total', help: 'Drains that failed.', registers });
  const rings = new Counter({
    name: 'taskfeed_rings_total',
    help: 'Rings of the doorbell that were heard.',
    registers,
  });
  const polls = new Counter({
    name: 'taskfeed_polls_total',
    help: 'Looks without a ring: safety polls, and those while the doorbell is deaf.',
    labelNames: ['kind'],
    registers,
  });
  const deaf = new Counter({
    name: 'taskfeed_doorbell_deaf_total',
    help: 'Times the doorbell became deaf.',
    registers,
  });
  return [
    listener.on('drain:done', ({ ms, events }) => {
      seconds.observe(ms / 1_000);
      if (events > 0) found.observe(events);
    }),
    listener.on('drain:failed', () => failures.inc()),
    listener.on('doorbell:rang', () => rings.inc()),
    listener.on('doorbell:deaf', () => deaf.inc()),
    listener.on('poll:due', (kind) => polls.inc({ kind })),
  ];
}

function countReaders(feed: Feed, registers: Registry[]): (() => void)[] {
  const served = new Histogram({
    name: 'taskfeed_replay_seconds',
    help: 'Clients that came back and got what they missed: from memory (the ring buffer) or from the journal.',
    labelNames: ['from'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers,
  });
  const resets = new Counter({
    name: 'taskfeed_replay_resets_total',
    help: 'Clients that came back with a cursor that could not be served, by reason.',
    labelNames: ['reason'],
    registers,
  });
  return [
    feed.on('reader:served', ({ from, ms }) => served.observe({ from }, ms / 1_000)),
    feed.on('reader:reset', (reason) => resets.inc({ reason })),
  ];
}
