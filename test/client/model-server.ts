// The server of docs/protocol.md over the model database: it drains, keeps a ring of batches, serves returning sockets
// from it or from the database, and pulses. Nothing happens by itself.
import { type Cursor, compareAsOf, parseCursor } from '../../src/protocol/cursor.ts';
import { type BatchEvent, type FeedBatch, named } from '../../src/protocol/feed.ts';
import { changeWith, taskWith } from './factories.ts';
import type { ModelDatabase, ModelEvent, ShownTask } from './model-database.ts';

export interface Packet {
  name: string;
  data: Record<string, unknown>;
  /** Sent to everybody, so that its loss can be noticed by what follows. */
  isBroadcast: boolean;
}

/** The handshake, or feed:resume. */
export interface Question {
  since?: Cursor | undefined;
  ask?: number | undefined;
}

export interface ModelSocket {
  send(packet: Packet): void;
  lose(): void;
}

interface Batch {
  from: Cursor;
  to: Cursor;
  asOf: [number, number];
  events: ModelEvent[];
  reset?: string;
}

export interface ModelServerOptions {
  database: ModelDatabase;
  now: () => number;
  ringSize: number;
  /** Events of one packet. */
  partSize: number;
  /** Where a batch begins; where the last one has ended unless told otherwise. */
  beginOf?: (places: { announced: Cursor; drained: Cursor }) => Cursor;
}

export class ModelServer {
  readonly #options: ModelServerOptions;
  readonly #room = new Set<ModelSocket>();
  readonly #sockets = new Set<ModelSocket>();
  #ring: Batch[] = [];
  #begin: Cursor;
  #place: Cursor;
  #announced: Cursor;
  #tip: Cursor | undefined;
  #horizon: Cursor | undefined;

  constructor(options: ModelServerOptions) {
    this.#options = options;
    this.#begin = this.#place = this.#announced = options.database.cursor;
  }

  list(topic: 'task' | 'system', after: number, limit: number): Record<string, unknown> {
    const { database } = this.#options;
    const rows = (topic === 'task' ? database.tasks().map(wireTask) : database.systems().map(wireSystem)).filter(
      ({ id }) => id > after,
    );
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? (page.at(-1)?.id ?? null) : null;
    return { [`${topic}s`]: page, cursor: database.cursor, next };
  }

  connect(socket: ModelSocket, question: Question): void {
    this.#sockets.add(socket);
    this.#tell([socket], 'connect', {});
    this.resume(socket, question);
  }

  disconnect(socket: ModelSocket): void {
    this.#sockets.delete(socket);
    this.#room.delete(socket);
  }

  resume(socket: ModelSocket, { since, ask }: Question): void {
    if (!this.#sockets.has(socket)) return;
    this.#room.delete(socket);
    this.drain();
    const batches = since === undefined ? [] : this.#missed(since);
    const reason = this.#refusal(since) ?? batches.find(({ reset }) => reset)?.reset;
    if (reason) this.#reset(socket, reason, named(ask));
    else this.#arrive(socket, batches, { since: since ?? this.#place, ask });
  }

  #arrive(socket: ModelSocket, batches: Batch[], { since, ask }: Question & { since: Cursor }): void {
    for (const batch of batches) this.#send([socket], batch, false);
    this.#room.add(socket);
    const count = batches.reduce((sum, { events }) => sum + events.length, 0);
    const outcome = count > 0 ? 'replayed' : 'current';
    const cursor = isAfter(this.#place, since) ? this.#place : since;
    this.#tell([socket], 'feed:ready', { ...named(ask), cursor, outcome, count, now: this.#now() });
    this.#tell([socket], 'feed:pulse', { cursor, now: this.#now(), state: 'live' });
  }

  #refusal(since: Cursor | undefined): string | undefined {
    const place = since === undefined ? undefined : parseCursor(since);
    if (!place || since === undefined) return 'malformed';
    if (place.epoch !== this.#options.database.epoch) return 'epoch';
    const isHorizonOurs = this.#horizon !== undefined && parseCursor(this.#horizon)?.epoch === place.epoch;
    return isHorizonOurs && isAfter(this.#horizon as Cursor, since) ? 'expired' : undefined;
  }

  /** One drain of the feed, told to everybody who has missed nothing. */
  drain(): void {
    const { database, ringSize, beginOf = ({ announced }) => announced } = this.#options;
    if (parseCursor(this.#place)?.epoch !== database.epoch) {
      this.#ring = [];
      this.#begin = this.#place = this.#announced = database.cursor;
      this.#tip = this.#place;
      for (const socket of this.#room) this.#reset(socket, 'epoch', { cursor: this.#place });
      return;
    }
    const { to, asOf, events, reset } = database.drain(this.#place);
    const from = beginOf({ announced: this.#announced, drained: this.#place });
    this.#place = to;
    if (events.length === 0 && !reset) return;
    const batch: Batch = { from, to, asOf, events, ...(reset ? { reset } : {}) };
    this.#announced = this.#tip = to;
    this.#ring.push(batch);
    while (this.#ring.length > ringSize) this.#begin = this.#ring.shift()?.to ?? this.#begin;
    if (reset) for (const socket of this.#room) this.#reset(socket, reset, { cursor: to });
    else this.#send([...this.#room], batch, true);
  }

  pulse(state: 'live' | 'behind' = 'live'): void {
    if (state === 'live') this.drain();
    const tip = this.#tip === undefined ? {} : { tip: this.#tip };
    this.#tell([...this.#room], 'feed:pulse', { cursor: this.#place, ...tip, now: this.#now(), state }, true);
  }

  /** Cursors of before now are not served any more. */
  prune(): void {
    this.drain();
    this.#horizon = this.#place;
    this.#ring = [];
    this.#begin = this.#place;
  }

  /** Another process: every connection is lost, and nothing of the ring is left. */
  restart(): void {
    for (const socket of [...this.#sockets]) socket.lose();
    this.#sockets.clear();
    this.#room.clear();
    this.#ring = [];
    this.#tip = undefined;
    this.#begin = this.#place = this.#announced = this.#options.database.cursor;
  }

  #missed(since: Cursor): Batch[] {
    if (!isAfter(this.#begin, since)) return this.#ring.filter(({ to }) => isAfter(to, since));
    const drained = this.#options.database.drain(since);
    return drained.events.length > 0 || drained.reset ? [{ from: since, ...drained }] : [];
  }

  #send(sockets: ModelSocket[], { from, to, asOf, events }: Batch, isBroadcast: boolean): void {
    const { partSize } = this.#options;
    const parts = Math.max(1, Math.ceil(events.length / partSize));
    for (let part = 0; part < parts; part += 1) {
      const packet: FeedBatch = {
        from,
        as_of: asOf,
        term: 0,
        events: events.slice(part * partSize, (part + 1) * partSize).map(wireEvent),
        ...(part === parts - 1 ? { to } : {}),
        ...(parts > 1 ? { part } : {}),
      };
      this.#tell(sockets, 'feed:batch', { ...packet }, isBroadcast);
    }
  }

  // Whoever is told to load anew stays where it is: in the room, or out of it.
  #reset(socket: ModelSocket, reason: string, about: { ask?: number; cursor?: Cursor }): void {
    this.#tell([socket], 'feed:reset', { ...about, reason, spread_ms: 100 });
  }

  #tell(sockets: ModelSocket[], name: string, data: Record<string, unknown>, isBroadcast = false): void {
    for (const socket of sockets) socket.send({ name, data, isBroadcast });
  }

  #now(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

function isAfter(a: Cursor, b: Cursor): boolean {
  const [left, right] = [parseCursor(a), parseCursor(b)];
  if (!left || !right || left.epoch !== right.epoch) return true;
  return compareAsOf(left.asOf, right.asOf) > 0;
}

function wireTask({ id, title, system_id, system_name, version }: ShownTask) {
  return taskWith({ id, title, system_id, system_name, version });
}

function wireSystem({ id, name }: { id: number; name: string }) {
  const none = { description: null, location: null, contact_name: null, phone: null, email: null };
  const at = '2026-11-01T08:00:00+00:00';
  return { id, name, ...none, created_at: at, updated_at: at };
}

function wireEvent({ topic, kind, row }: ModelEvent): BatchEvent {
  const shown = 'title' in row ? { task: wireTask(row) } : { system: wireSystem(row) };
  return { event: `${topic}:${kind}`, ...shown, change: changeWith({ changed: [], before: null }) };
}
