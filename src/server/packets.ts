// From a batch to packets of the wire protocol. A batch client gets one packet per drain, in parts when it is large;
// anybody else gets an event per row. Only the last packet of a batch carries the cursor, so a reader that is cut off
// in the middle comes back from before the batch.
import type { Batch } from '../feed/drain-session.ts';
import type { BatchEvent, EventName, FeedBatch } from '../protocol/feed.ts';
import type { Message } from './connection.ts';

export type Mode = 'single' | 'batch';

/** A socket, or a room of sockets. */
export interface Target {
  emit(name: string, packet: unknown): unknown;
}

/** Most bytes of one packet of a batch, live and while a client is told what it missed. */
const livePart = 256 * 1024;
const replayPart = 64 * 1024;

type Events = Batch['events'];

interface Packet {
  name: string;
  data: unknown;
}

/** Sends what everybody with full sight of the feed gets. */
export function sendBatch(target: Target, batch: Batch, mode: Mode): void {
  for (const { name, data } of packetsOf(batch, mode, livePart)) target.emit(name, data);
}

/** The same for those who missed it, in parts that are small enough to be sent one after the other. */
export function replayPackets(batch: Batch, mode: Mode): Iterable<Packet> {
  return packetsOf(batch, mode, replayPart);
}

/** No more at once than `replayPart`: then waits until `sent` resolves, or ends if that says false. */
export async function sendPaced(
  messages: Iterable<Message>,
  { send, sent }: { send: (message: Message) => void; sent: () => Promise<boolean> },
): Promise<void> {
  let bytes = 0;
  for (const message of messages) {
    if (bytes > 0 && bytes + message.frame.length > replayPart) {
      if (!(await sent())) return;
      bytes = 0;
    }
    send(message);
    bytes += message.frame.length;
  }
  await sent();
}

/** What a client is told of a batch, and how much that is. */
export function tellable({ events }: Batch): { count: number; bytes: number } {
  const visible = events.filter((event) => !event.isForAudienceOnly);
  return { count: visible.length, bytes: visible.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function packetsOf(batch: Batch, mode: Mode, partBytes: number): Iterable<Packet> {
  const events = batch.events.filter((event) => !event.isForAudienceOnly);
  return mode === 'batch' ? parts(batch, split(events, partBytes)) : singles(batch, events);
}

function* parts({ from, to, asOf, term }: Batch, split: Part[]): Iterable<Packet> {
  const isWhole = split.length === 1;
  for (const [index, part] of split.entries()) {
    const end = index === split.length - 1 ? { to } : {};
    const number = isWhole ? {} : { part: index };
    const data: FeedBatch = { from, ...end, ...number, as_of: asOf, term, events: part.events.map(toBatchEvent) };
    yield { name: 'feed:batch', data };
  }
}

function* singles({ to, asOf }: Batch, events: Events): Iterable<Packet> {
  const last = events.at(-1);
  for (const event of events) {
    const { topic, kind, row, change } = event;
    const cursor = event === last ? { cursor: to } : {};
    yield { name: `${topic}:${kind}`, data: { [topic]: row, change, as_of: asOf, ...cursor } };
  }
}

interface Part {
  events: Events;
  bytes: number;
}

// At least one part, also for a batch in which nothing is visible: batch clients follow the chain.
function split(events: Events, partBytes: number): Part[] {
  let part: Part = { events: [], bytes: 0 };
  const parts = [part];
  for (const event of events) {
    if (part.bytes + event.bytes > partBytes && part.bytes > 0) {
      part = { events: [], bytes: 0 };
      parts.push(part);
    }
    part.events.push(event);
    part.bytes += event.bytes;
  }
  return parts;
}

function toBatchEvent({ topic, kind, row, change }: Events[number]): BatchEvent {
  return { event: `${topic}:${kind}` as EventName, [topic]: row, change };
}
