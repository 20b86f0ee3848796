// A client written by hand after docs/protocol.md, sharing no code with src/client: it loads the lists, connects with the
// first page's cursor, keeps a store by as_of, and comes back with its newest cursor. It judges nothing; it writes down
// what it was told, in order, for the judge.
//
// Its cursor moves only after feed:ready and never back: by feed:ready, by a pulse, by the end of a live batch. What it
// heard after its cursor counts as not heard when it is cut off, and will be told again.
import { io, type Socket } from 'socket.io-client';
import { headersOf, testManager } from '../support/identity.ts';
import { type Row, type Topic, topics } from './ledger.ts';
import { type Entry, type Kind, type LoadedPage, show } from './log.ts';
import { type AsOf, isLater, placeOf } from './place.ts';

export interface SoakClientOptions {
  url: string;
  isBatch: boolean;
  pageSize: number;
}

interface Kept {
  row: Row;
  asOf: AsOf;
  isGone: boolean;
}

const lists = { task: 'tasks', system: 'systems', employee: 'employees' };
const eventName = /^(task|system|employee):(created|updated|deleted)$/;

export class SoakClient {
  readonly isBatch: boolean;
  readonly log: Entry[] = [];
  /** What the protocol does not allow, or this run does not expect. */
  readonly complaints: string[] = [];
  readonly resets: { reason: string; count?: number }[] = [];
  readonly figures = {
    events: 0,
    renames: 0,
    ignored: 0,
    parts: 0,
    cuts: 0,
    cutsWithinBatch: 0,
    /** Connections on which an answer began to come, and those on which it ended: with something missed or without. */
    answered: 0,
    replayed: 0,
    current: 0,
  };
  /** Called after every event or part that was taken in. */
  onHeard: (events: number) => void = () => undefined;
  readonly #options: SoakClientOptions;
  #store = new Map<string, Kept>();
  /** Deleted rows, kept until the cursor has passed them, so that nothing older brings them back. */
  #gone = new Set<string>();
  #socket: Socket | undefined;
  #connection = 0;
  #isAnswered = false;
  #isReady = false;
  /** The place to come back to. */
  #cursor = '';
  /** The end of the last batch heard, which may be later than the cursor while missed changes are told. */
  #reach = '';
  #isWithinBatch = false;
  /** The live feed may still be behind the feed:ready of a query; its batches up to there are ignored. */
  #mayLag = false;
  #heardSinceAsking = 0;

  constructor(options: SoakClientOptions) {
    this.#options = options;
    this.isBatch = options.isBatch;
  }

  get cursor(): string {
    return this.#cursor;
  }

  /** Connecting or connected, and not cut. */
  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** A batch has begun and its end has not been heard. */
  get isWithinBatch(): boolean {
    return this.#isWithinBatch;
  }

  /** What the screen would show. */
  rows(topic: Topic): Row[] {
    const kept = [...this.#store].filter(([name, { isGone }]) => name.startsWith(`${topic} `) && !isGone);
    return kept.map(([, { row }]) => row).sort((a, b) => a['id'] - b['id']);
  }

  row(topic: Topic, id: number): Row | undefined {
    const kept = this.#store.get(`${topic} ${id}`);
    return kept?.isGone ? undefined : kept?.row;
  }

  /** Loads all lists anew. The store changes in one step. */
  async load(): Promise<void> {
    const store = new Map<string, Kept>();
    const pages: LoadedPage[] = [];
    for (const topic of topics) {
      for (let after: number | null = 0; after !== null; ) after = await this.#loadPage(topic, after, store, pages);
    }
    this.#store = store;
    this.#gone.clear();
    this.#cursor = pages[0]?.cursor ?? '';
    this.#reach = this.#cursor;
    this.log.push({ what: 'loaded', cursor: this.#cursor, pages });
  }

  /** Connects with the newest cursor. */
  connect(): void {
    this.#connection += 1;
    const connection = this.#connection;
    const auth = {
      protocol: 1,
      token: testManager.token,
      since: this.#cursor,
      ...(this.isBatch ? { batch: true } : {}),
    };
    const socket = io(this.#options.url, { auth, transports: ['websocket'], forceNew: true, reconnection: false });
    this.#socket = socket;
    this.#ask();
    const ifCurrent = (work: () => void) => {
      // Packets that had arrived before a cut may still be handed over after it.
      if (connection === this.#connection) work();
    };
    socket.onAny((name: string, data: Row) => ifCurrent(() => this.#onPacket(name, data)));
    socket.on('connect_error', (error) => ifCurrent(() => this.complaints.push(`connect_error: ${error.message}`)));
    socket.on('disconnect', (reason) => ifCurrent(() => this.complaints.push(`disconnected: ${reason}`)));
  }

  /** Goes away: `engine` breaks the transport under the socket, `socket` says goodbye. */
  cut(how: 'engine' | 'socket'): void {
    this.#connection += 1;
    this.figures.cuts += 1;
    if (this.#isWithinBatch) this.figures.cutsWithinBatch += 1;
    if (how === 'engine') this.#socket?.io.engine.close();
    else this.#socket?.disconnect();
    this.#socket = undefined;
    this.#forget();
  }

  close(): void {
    this.#connection += 1;
    this.#socket?.disconnect();
  }

  #onPacket(name: string, data: Row): void {
    if (!this.#isAnswered) this.figures.answered += 1;
    this.#isAnswered = true;
    const match = eventName.exec(name);
    if (match) this.#onSingle(match[1] as Topic, match[2] as Kind, data);
    else if (name === 'feed:batch') this.#onBatch(data);
    else if (name === 'feed:ready') this.#onReady(data);
    else if (name === 'feed:reset') this.#onReset(data);
    else if (name === 'feed:pulse') this.#move(data['cursor'], 'pulse');
    else this.complaints.push(`an unexpected packet: ${name}`);
  }

  #onSingle(topic: Topic, kind: Kind, data: Row): void {
    const { change, as_of: asOf, cursor } = data;
    const row = data[topic];
    this.#onPart([{ topic, kind, row, count: change.count }], { asOf, to: cursor });
  }

  #onBatch({ from, to, as_of: asOf, events }: Row): void {
    if (isLater(placeOf(from).asOf, placeOf(this.#reach).asOf)) {
      this.complaints.push(`a gap: a batch from ${from}, heard up to ${this.#reach}`);
      this.#resume();
      return;
    }
    const heard = events.map(({ event, change, ...rows }: Row) => {
      const [topic, kind] = event.split(':');
      return { topic, kind, row: rows[topic], count: change.count };
    });
    if (to === undefined) this.figures.parts += 1;
    this.#onPart(heard, { asOf, from, to });
  }

  #onPart(
    heard: { topic: Topic; kind: Kind; row: Row; count: number }[],
    { asOf, from, to }: { asOf: AsOf; from?: string; to?: string | undefined },
  ): void {
    if (!isLater(asOf, placeOf(this.#reach).asOf)) {
      this.figures.ignored += heard.length;
      if (!this.#mayLag) this.complaints.push(`a batch up to ${asOf} was told again after ${this.#reach}`);
      return;
    }
    const events = heard.map(({ row, ...event }) => ({ ...event, ...show(event.topic, row) }));
    this.log.push({ what: 'told', events, asOf, ...(from ? { from } : {}), ...(to ? { to } : {}) });
    for (const { topic, kind, row } of heard)
      this.#apply(`${topic} ${row['id']}`, { row, asOf, isGone: kind === 'deleted' });
    this.figures.events += events.length;
    this.figures.renames += events.filter(({ count }) => count === 0).length;
    this.#heardSinceAsking += events.length;
    this.#isWithinBatch = to === undefined;
    if (to !== undefined) {
      this.#reach = to;
      this.#move(to, 'batch');
    }
    this.onHeard(events.length);
  }

  #apply(name: string, told: Kept): void {
    const known = this.#store.get(name);
    if (known && isLater(known.asOf, told.asOf)) return;
    this.#store.set(name, told);
    if (told.isGone) this.#gone.add(name);
    else this.#gone.delete(name);
  }

  #onReady({ cursor, outcome, count }: Row): void {
    if (count !== this.#heardSinceAsking) {
      this.complaints.push(`feed:ready says ${count} events, ${this.#heardSinceAsking} were heard`);
    }
    if (outcome !== (count > 0 ? 'replayed' : 'current')) this.complaints.push(`${outcome} with ${count} events`);
    this.figures[outcome === 'replayed' ? 'replayed' : 'current'] += 1;
    if (this.#isWithinBatch) this.complaints.push('feed:ready within a batch');
    if (isLater(placeOf(this.#reach).asOf, placeOf(cursor).asOf))
      this.complaints.push('feed:ready before what was heard');
    this.#isReady = true;
    this.#mayLag = true;
    this.#reach = cursor;
    this.#cursor = cursor;
    this.log.push({ what: 'reached', by: 'ready', cursor });
  }

  #onReset({ reason, count }: Row): void {
    this.resets.push({ reason, ...(count === undefined ? {} : { count }) });
    // Not ready, so nothing that still comes moves the cursor; the random wait of spread_ms may be none at all.
    this.#forget();
    this.load().then(
      () => this.#resume(),
      (error: unknown) => this.complaints.push(String(error)),
    );
  }

  #resume(): void {
    this.#forget();
    this.#ask();
    this.#socket?.emit('feed:resume', { since: this.#cursor });
  }

  #move(cursor: string | undefined, by: 'pulse' | 'batch'): void {
    if (!this.#isReady || cursor === undefined) return;
    if (!isLater(placeOf(cursor).asOf, placeOf(this.#cursor).asOf)) return;
    this.#cursor = cursor;
    this.#reach = cursor;
    if (by === 'batch') this.#mayLag = false;
    for (const name of this.#gone) this.#store.delete(name);
    this.#gone.clear();
    this.log.push({ what: 'reached', by, cursor });
  }

  #ask(): void {
    this.#isAnswered = false;
    this.#isReady = false;
    this.#mayLag = false;
    this.#heardSinceAsking = 0;
  }

  #forget(): void {
    this.#isReady = false;
    this.#isWithinBatch = false;
    this.#reach = this.#cursor;
    this.log.push({ what: 'cut' });
  }

  async #loadPage(topic: Topic, after: number, store: Map<string, Kept>, pages: LoadedPage[]): Promise<number | null> {
    const path = `/api/${lists[topic]}?limit=${this.#options.pageSize}&after=${after}`;
    const response = await fetch(`${this.#options.url}${path}`, { headers: headersOf() });
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
    const { [lists[topic]]: rows, cursor, next } = (await response.json()) as Row;
    const { asOf } = placeOf(cursor);
    for (const row of rows) store.set(`${topic} ${row.id}`, { row, asOf, isGone: false });
    const shown = rows.map((row: Row) => show(topic, row));
    pages.push({ topic, after, upTo: next ?? Number.POSITIVE_INFINITY, cursor, rows: shown });
    return next;
  }
}
