// A client of the model server in a tab of its own, with a network between them that the test holds in its hands, and
// everything that must hold of it at every moment.
import { expect } from '@jest/globals';
import type { FeedSocket } from '../../src/client/connection.ts';
import { TaskfeedClient } from '../../src/client/taskfeed.ts';
import { type AsOf, compareAsOf } from '../../src/protocol/cursor.ts';
import type { ListedTask } from '../../src/protocol/task.ts';
import { type HeldClock, HeldSocket } from './held.ts';
import { type ModelDatabase, stateOf } from './model-database.ts';
import type { ModelServer, ModelSocket, Packet, Question } from './model-server.ts';

export type Parts = ConstructorParameters<typeof TaskfeedClient>[1];

export interface TabOptions {
  clock: HeldClock;
  database: ModelDatabase;
  server: ModelServer;
  /** Without the errors of this machine's clock. */
  trueNow: () => number;
  parts?: Parts;
  pageSize: number;
}

interface Pending {
  path: string;
  answer: (response: Response) => void;
  fail: (error: Error) => void;
}

export class ModelTab {
  readonly client: TaskfeedClient;
  readonly #options: TabOptions;
  readonly #seen = new Map<string, number>();
  #down: Packet[] = [];
  #up: (() => void)[] = [];
  #pending: Pending[] = [];
  #socket: HeldSocket | undefined;
  #end: ModelSocket | undefined;
  #isSilent = false;
  #pulsedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #placeAsOf: { epoch: string; asOf: AsOf } | undefined;

  constructor(options: TabOptions) {
    this.#options = options;
    const { clock, parts } = options;
    this.client = new TaskfeedClient(
      {
        url: 'http://model',
        topics: ['task', 'system'],
        scope: 'all',
        clock,
        onError: (error) => {
          this.#failure ??= error;
        },
        connect: (_url, auth) => this.#connect(auth),
        fetch: (input) =>
          new Promise((answer, fail) => {
            this.#pending.push({ path: String(input).replace('http://model', ''), answer, fail });
          }),
      },
      parts,
    );
    for (const topic of ['task', 'system'] as const) {
      this.client.stores.of(topic).subscribe(() => {
        this.#isWhole();
      });
    }
    this.client.start();
  }

  /** Nothing is under way, and the pulse of this very moment was heard. */
  get isQuiet(): boolean {
    const isIdle = this.#down.length + this.#up.length + this.#pending.length === 0;
    const isHeard = this.#pulsedAt === this.#options.trueNow();
    return isIdle && isHeard && this.client.runner.freshness.state === 'live';
  }

  deliver(count = 1): void {
    for (const packet of this.#down.splice(0, count)) this.#receive(packet);
  }

  /** What the client has asked the server on its socket. */
  deliverUp(): void {
    for (const ask of this.#up.splice(0)) ask();
  }

  /** Answers the oldest load with the database as it is now. */
  serve(): void {
    const { server, pageSize } = this.#options;
    const pending = this.#pending.shift();
    if (!pending) return;
    const url = new URL(pending.path, 'http://model');
    const topic = url.pathname.endsWith('/tasks') ? 'task' : 'system';
    pending.answer(Response.json(server.list(topic, Number(url.searchParams.get('after')), pageSize)));
  }

  fail(): void {
    this.#pending.shift()?.fail(new Error('no network'));
  }

  /** Loses the next packet, if it was sent to everybody. */
  drop(): void {
    if (this.#down[0]?.isBroadcast) this.#down.shift();
  }

  repeat(): void {
    const [packet] = this.#down;
    if (packet?.isBroadcast) this.#down.unshift(packet);
  }

  swap(): void {
    const [first, second] = this.#down;
    if (first?.isBroadcast && second?.isBroadcast) this.#down.splice(0, 2, second, first);
  }

  /** Stopped and started again, while a load may be under way. */
  again(): void {
    this.client.runner.dispatch({ type: 'stop' });
    this.client.runner.dispatch({ type: 'start' });
  }

  cut(): void {
    this.#leave();
    this.#socket?.receive('disconnect', 'transport close');
  }

  /** Half-open: nobody is told, and nothing comes any more. */
  silence(): void {
    this.#isSilent = true;
    this.#down = [];
  }

  // What must hold at every moment ---------------------------------------------------------------------------------

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#isHonest();
    this.#movesForward();
    this.#goesForward();
  }

  /** At quiet: what is shown is the table. */
  isEqual(): void {
    const { database } = this.#options;
    expect(this.#state()).toBe(stateOf(database.tasks(), database.systems()));
  }

  // Live only if a pulse that the server has sent in the last 12 s was heard.
  #isHonest(): void {
    if (this.client.runner.freshness.state !== 'live') return;
    expect(this.#options.trueNow() - this.#pulsedAt).toBeLessThanOrEqual(12_500);
  }

  #movesForward(): void {
    const { place } = this.client.runner.line;
    if (!place) return;
    const before = this.#placeAsOf;
    if (before?.epoch === place.epoch) expect(compareAsOf(place.asOf, before.asOf)).toBeGreaterThanOrEqual(0);
    this.#placeAsOf = { epoch: place.epoch, asOf: place.asOf };
  }

  // Every title is written once, so it tells when the row was what it is.
  #goesForward(): void {
    for (const { id, title } of this.#tasks()) {
      const written = Number(title);
      expect(written).toBeGreaterThanOrEqual(this.#seen.get(`task ${id}`) ?? 0);
      this.#seen.set(`task ${id}`, written);
    }
  }

  // Both stores have changed before anybody is told, so every notice shows one moment of the database.
  #isWhole(): void {
    const { place, horizon } = this.client.runner.line;
    const isAhead = place && horizon && compareAsOf(place.asOf, horizon) < 0;
    if (!isAhead) expect(this.#options.database.states).toContain(this.#state());
  }

  #state(): string {
    return stateOf(this.#tasks(), [...this.client.stores.of('system').rows.values()]);
  }

  #tasks(): ListedTask[] {
    return [...this.client.stores.of('task').rows.values()];
  }

  // The network ----------------------------------------------------------------------------------------------------

  #connect(auth: object): FeedSocket {
    this.#leave();
    const socket = new HeldSocket(auth);
    this.#socket = socket;
    this.#isSilent = false;
    const { server } = this.#options;
    const end: ModelSocket = {
      send: (packet) => {
        if (this.#end === end && !this.#isSilent) this.#down.push(JSON.parse(JSON.stringify(packet)));
      },
      lose: () => {
        if (this.#end === end && !this.#isSilent) this.cut();
      },
    };
    this.#end = end;
    this.#up.push(() => {
      server.connect(end, socket.auth);
    });
    socket.emit = (_name, data) => {
      this.#up.push(() => {
        if (!this.#isSilent && this.#end === end) server.resume(end, data as Question);
      });
      return socket;
    };
    socket.disconnect = () => {
      if (this.#end === end) this.#leave();
      return socket;
    };
    return socket as unknown as FeedSocket;
  }

  #leave(): void {
    if (this.#end) this.#options.server.disconnect(this.#end);
    this.#end = undefined;
    this.#down = [];
    this.#up = [];
  }

  #receive({ name, data }: Packet): void {
    if (name === 'feed:pulse' && data['state'] === 'live') this.#pulsedAt = Date.parse(String(data['now']));
    this.#socket?.receive(name, data);
  }
}
