// From a batch to packets of the wire protocol. A batch client gets one packet per drain, in parts when it is large;
// anybody else gets an event per row. Only the last packet of a batch carries the cursor, so a reader that is cut off
// in the middle comes back from before the batch.
import type { Batch } from '../feed/drain-session.ts';
import type { BatchEvent, EventName, FeedBatch } from '../protocol/feed.ts';

export type Mode = 'single' | 'batch';

/** A socket, or a room of sockets. */
export interface Target {
  emit(name: string, packet: unknown): unknown;
}

/** Most bytes of one packet of a batch. */
const partBytes = 256 * 1024;

type Events = Batch['events'];

/** Sends what everybody with full sight of the feed gets. */
export function sendBatch(target: Target, batch: Batch, mode: Mode): void {
  const events = batch.events.filter((event) => !event.isForAudienceOnly);
  if (mode === 'batch') sendParts(target, batch, events);
  else sendSingly(target, batch, events);
}

function sendParts(target: Target, { from, to, asOf, term }: Batch, events: Events): void {
  const parts = split(events);
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1;
    const packet: FeedBatch = { from, ...(isLast ? { to } : {}), as_of: asOf, term, events: part.map(toBatchEvent) };
    target.emit('feed:batch', packet);
  });
}

function sendSingly(target: Target, { to, asOf }: Batch, events: Events): void {
  const last = events.at(-1);
  for (const event of events) {
    const { topic, kind, row, change } = event;
    const cursor = event === last ? { cursor: to } : {};
    target.emit(`${topic}:${kind}`, { [topic]: row, change, as_of: asOf, ...cursor });
  }
}

// At least one part, also for a batch in which nothing is visible: batch clients follow the chain.
function split(events: Events): Events[] {
  const parts: Events[] = [[]];
  let bytes = 0;
  for (const event of events) {
    if (bytes + event.bytes > partBytes && bytes > 0) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(event);
    bytes += event.bytes;
  }
  return parts;
}

function toBatchEvent({ topic, kind, row, change }: Events[number]): BatchEvent {
  return { event: `${topic}:${kind}` as EventName, [topic]: row, change };
}
