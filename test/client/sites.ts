// The same small site twice: the model of the property tests, and the real server over a real database. Both take the same
// commands; what they say is brought to one form, without cursors, times and the order of rows within a batch.
import type pg from 'pg';
import { isLaterThan, placeOf } from '../../src/client/place.ts';
import type { Cursor } from '../../src/protocol/cursor.ts';
import { eventually } from '../support/eventually.ts';
import type { FeedClient, FeedClientOptions, Packet } from '../support/feed-client.ts';
import type { RunningServer } from '../support/run-server.ts';
import type { ModelDatabase, Write } from './model-database.ts';
import type { ModelServer, ModelSocket } from './model-server.ts';

export type Topic = 'task' | 'system';

/** What a socket was told, message by message. */
export type Told = string[];

export interface Site {
  /** One transaction. */
  write(writes: readonly Write[]): Promise<void>;
  /** A transaction that has begun, and ends with these writes. */
  begin(): Promise<(writes: readonly Write[]) => Promise<void>>;
  list(topic: Topic): Promise<{ rows: string; cursor: Cursor }>;
  /** A socket of its own that comes back with a cursor: everything up to the answer. */
  connect(since: Cursor): Promise<{ told: Told; cursor: Cursor | undefined }>;
  /** What somebody who follows has been told since the last look; at least as many messages as are waited for. */
  followed(atLeast: number): Promise<{ told: Told; cursors: Cursor[] }>;
  /** Another process serves; what it answers to the one who follows. */
  restart(): Promise<Told>;
  /** From now on no cursor from before this one is served, and another process serves. */
  expire(before: Cursor): Promise<Told>;
}

// biome-ignore lint/suspicious/noExplicitAny: what comes from either side is looked at as a stranger would
type Data = any;

function rowOf(topic: string, row: Data): unknown {
  return topic === 'task' ? [row.id, row.title, row.system_id, row.system_name, row.version] : [row.id, row.name];
}

function eventOf({ event, ...told }: Data): string {
  const [topic, kind] = event.split(':');
  // A deleted row is told as last known, and its names may be those of before or after.
  return `${event} ${JSON.stringify(kind === 'deleted' ? told[topic].id : rowOf(topic, told[topic]))}`;
}

function messageOf({ name, data }: { name: string; data: Data }): string[] {
  if (name === 'feed:batch') return [data.events.map(eventOf).sort().join(', ')];
  if (name === 'feed:ready') return [`ready: ${data.outcome} ${data.count}`];
  return name === 'feed:reset' ? [`reset: ${data.reason}`] : [];
}

/** What was told, and whether something is missing in between: a batch that begins later than the last has ended. */
class Chain {
  end: Cursor | undefined;

  constructor(end?: Cursor) {
    this.end = end;
  }

  follow(packets: readonly { name: string; data: Data }[]): Told {
    return packets.flatMap((packet) => {
      if (packet.name === 'feed:pulse') return [];
      const { from, to, cursor } = packet.data;
      const end = placeOf(this.end);
      const isGap = end !== undefined && from !== undefined && isLaterThan(from, end);
      this.end = to ?? cursor ?? this.end;
      return messageOf(packet).map((text) => (isGap ? `after a gap: ${text}` : text));
    });
  }
}

function cursorsIn(packets: readonly { data: Data }[]): Cursor[] {
  return packets.flatMap(({ data }) => data.to ?? data.cursor ?? []);
}

const isAbout = ({ name }: { name: string }) => name === 'feed:batch' || name === 'feed:reset';

export class ModelSite implements Site {
  readonly #database: ModelDatabase;
  readonly #server: ModelServer;
  readonly #chain: Chain;
  #followed: Packet[] = [];

  constructor(database: ModelDatabase, server: ModelServer) {
    this.#database = database;
    this.#server = server;
    this.#chain = new Chain(database.cursor);
    this.#follow();
    this.#followed = [];
  }

  async write(writes: readonly Write[]): Promise<void> {
    this.#database.write(...writes);
    this.#server.drain();
  }

  async begin(): Promise<(writes: readonly Write[]) => Promise<void>> {
    const xid = this.#database.begin();
    return async (writes) => {
      this.#database.commit(xid, ...writes);
      this.#server.drain();
    };
  }

  async list(topic: Topic): Promise<{ rows: string; cursor: Cursor }> {
    return listOf(topic, this.#server.list(topic, 0, 1_000));
  }

  async connect(since: Cursor): Promise<{ told: Told; cursor: Cursor | undefined }> {
    const packets: Packet[] = [];
    const socket: ModelSocket = { send: (packet) => packets.push(packet), lose: () => undefined };
    this.#server.connect(socket, { since });
    this.#server.disconnect(socket);
    return answerIn(packets, since);
  }

  async followed(): Promise<{ told: Told; cursors: Cursor[] }> {
    const packets = this.#followed.splice(0).filter(isAbout);
    return { told: this.#chain.follow(packets), cursors: cursorsIn(packets) };
  }

  async restart(): Promise<Told> {
    this.#server.restart();
    this.#follow();
    return this.#chain.follow(this.#followed.splice(0));
  }

  async expire(): Promise<Told> {
    this.#server.prune();
    return await this.restart();
  }

  #follow(): void {
    const socket: ModelSocket = { send: (packet) => this.#followed.push(packet), lose: () => undefined };
    this.#server.connect(socket, { since: this.#chain.end });
  }
}

export interface RealSiteOptions {
  /** The one that serves now. */
  server: RunningServer;
  /** Replaces it by another one over the same database. */
  restart: () => Promise<void>;
  psql: pg.Client;
  /** A session for each transaction that stays open. */
  session: () => Promise<pg.Client>;
  client: (options: FeedClientOptions) => Promise<FeedClient>;
}

export class RealSite implements Site {
  readonly #options: RealSiteOptions;
  readonly #chain = new Chain();
  #follower: FeedClient;
  #seen = 0;

  private constructor(options: RealSiteOptions, follower: FeedClient) {
    this.#options = options;
    this.#follower = follower;
    this.#chain.follow(follower.packets);
  }

  /** On the server's database, emptied. */
  static async on(options: RealSiteOptions): Promise<RealSite> {
    await options.psql.query('delete from tasks; delete from systems');
    return new RealSite(options, await options.client({ batch: true }));
  }

  async write(writes: readonly Write[]): Promise<void> {
    const { psql } = this.#options;
    await psql.query('begin');
    await this.#perform(psql, writes);
  }

  async begin(): Promise<(writes: readonly Write[]) => Promise<void>> {
    const session = await this.#options.session();
    await session.query('begin');
    await session.query('select pg_current_xact_id()');
    return (writes) => this.#perform(session, writes);
  }

  async list(topic: Topic): Promise<{ rows: string; cursor: Cursor }> {
    const { body } = await this.#options.server.http('GET', `/api/${topic}s`);
    return listOf(topic, body);
  }

  async connect(since: Cursor): Promise<{ told: Told; cursor: Cursor | undefined }> {
    const client = await this.#options.client({ batch: true, since });
    client.close();
    return answerIn(client.packets, since);
  }

  async followed(atLeast: number): Promise<{ told: Told; cursors: Cursor[] }> {
    const all = () => this.#follower.packets.filter(isAbout).slice(this.#seen);
    await eventually(`${atLeast} messages`, () => all().length >= atLeast);
    const packets = all();
    this.#seen += packets.length;
    return { told: this.#chain.follow(packets), cursors: cursorsIn(packets) };
  }

  async restart(): Promise<Told> {
    const { restart, client } = this.#options;
    const since = this.#chain.end;
    await restart();
    this.#follower = await client({ batch: true, ...(since === undefined ? {} : { since }) });
    const packets = [...this.#follower.packets];
    this.#seen = packets.filter(isAbout).length;
    return this.#chain.follow(packets);
  }

  // The snapshot that the pruner would have noted then, eight days ago. It moves the horizon when no other is at work.
  async expire(before: Cursor): Promise<Told> {
    const { psql } = this.#options;
    const [epoch, snapshot] = before.split('.');
    await psql.query(
      `insert into taskfeed.snapshots (at, epoch, snapshot) values (now() - interval '8 days', $1, $2)`,
      [epoch, snapshot],
    );
    await eventually('the horizon', async () => {
      await psql.query(`select taskfeed.prune('7 days', '2 years')`);
      const { rows } = await psql.query('select snapshot::text from taskfeed.horizon');
      return rows[0]?.snapshot === snapshot;
    });
    return await this.restart();
  }

  async #perform(session: pg.Client, writes: readonly Write[]): Promise<void> {
    for (const write of writes) await session.query(statementOf(write));
    await session.query('commit');
  }
}

function statementOf(write: Write): string {
  if (write.do === 'truncate tasks') return 'truncate tasks cascade';
  if (write.do === 'delete task') return `delete from tasks where id = ${write.id}`;
  if (write.do === 'delete system') return `delete from systems where id = ${write.id}`;
  if (write.do === 'put system') {
    return `insert into systems (id, name) values (${write.id}, '${write.name}') on conflict (id) do update set name = excluded.name`;
  }
  return `insert into tasks (id, title, system_id)
    values (${write.id}, '${write.title}', (select id from systems where id = ${write.system_id ?? 0}))
    on conflict (id) do update set title = excluded.title, system_id = excluded.system_id`;
}

function listOf(topic: Topic, body: Record<string, unknown>): { rows: string; cursor: Cursor } {
  const rows = (body[`${topic}s`] as Data[]).map((row) => rowOf(topic, row));
  return { rows: JSON.stringify(rows), cursor: String(body['cursor']) };
}

function answerIn(packets: readonly Packet[], since: Cursor): { told: Told; cursor: Cursor | undefined } {
  const end = packets.findIndex(({ name }) => name === 'feed:ready' || name === 'feed:reset');
  const answer = packets.slice(0, end + 1);
  return { told: new Chain(since).follow(answer), cursor: answer.at(-1)?.data.cursor };
}
