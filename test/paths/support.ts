// What every test of this folder starts from: a database of its own with one task, a real server, a Socket.IO client,
// and a way to prove what a piece of SQL led to: exactly the events between it and a marker that is committed after it.
import { randomBytes } from 'node:crypto';
import { beforeEach, expect } from '@jest/globals';
import type pg from 'pg';
import { employee as employeeSchema } from '../../src/protocol/employee.ts';
import { employeeEvent, linkEvent, systemEvent, taskEvent } from '../../src/protocol/feed.ts';
import { link as linkSchema } from '../../src/protocol/link.ts';
import { system as systemSchema } from '../../src/protocol/system.ts';
import { task as taskSchema } from '../../src/protocol/task.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { FeedClient, Packet } from '../support/feed-client.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope, type Scope } from '../support/scope.ts';
import { testServer, withRole } from '../support/server.ts';

/** One event as the tests compare it: everything that is said beside the row, and of the row what tells it apart. */
export interface Told {
  event: string;
  [said: string]: unknown;
}

/** The owner of the test databases: who an administrator in psql is. */
export function owner(): string {
  return decodeURIComponent(new URL(testServer().adminUrl).username);
}

function psqlActor(): string {
  return `db:${owner()} (psql)`;
}

/** For events that have one cause, or causes without an order that matters: by name, then id. */
export function sorted(events: Told[]): Told[] {
  const place = ({ event, ...said }: Told) => `${event} ${String(said['id']).padStart(9, '0')}`;
  return events.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

interface Expected {
  /** Old values of what changed, in the journal's order; null where there is no before. */
  was?: Record<string, unknown>;
  [said: string]: unknown;
}

/** A task event by hand. Unless told otherwise it is the task of every test, changed once, by an administrator in psql. */
export function task(kind: 'created' | 'updated' | 'deleted', id: number, version: number, expected: Expected): Told {
  const { was, ...said } = expected;
  const names = { system_name: 'Boiler 2', employee_name: 'Dana Levi' };
  return row(`task:${kind}`, id, { version, ...names, image_ids: [], ...said, ...(was ? { was } : {}) });
}

/** A task that has neither system nor employee. */
export const nobodys = { system_name: null, employee_name: null };

export function row(event: string, id: number, expected: Expected): Told {
  const { was, ...said } = expected;
  const change = { changed: Object.keys(was ?? {}), before: was ?? null };
  return { event, id, actor: psqlActor(), actor_name: null, count: 1, ...change, ...said };
}

const setUp = `
  insert into systems (name) values ('Boiler 2');
  insert into employees (name) values ('Dana Levi');
  insert into tasks (title, system_id, employee_id) values ('Sweep chimney', 1, 1);`;

export class Feed {
  readonly scope: Scope = createScope();
  database!: TestDatabase;
  server!: RunningServer;
  client!: FeedClient;
  /** An administrator's session. */
  psql!: pg.Client;
  /** The packets behind the last answer of `after`. */
  packets: Packet[] = [];
  #marking!: pg.Client;
  #markingPid = 0;
  #rings: number[] = [];
  #markers = 0;

  /** `isServed: false` for tests that look into the database only. */
  constructor({ isServed = true } = {}) {
    beforeEach(() => this.#open(isServed));
  }

  async #open(isServed: boolean): Promise<void> {
    this.database = await this.scope.database();
    this.psql = await this.scope.sql(this.database.url);
    await this.psql.query(setUp);
    if (!isServed) return;
    this.#marking = await this.scope.sql(this.database.url, 'marker');
    await this.#marking.query(`set timezone = 'UTC'`);
    await this.#listen();
    // Without the safety poll nothing is delivered that did not ring.
    this.server = await this.scope.server(this.database, { safetyPollMs: 0 });
    this.client = await this.scope.client(this.server.url);
  }

  async #listen(): Promise<void> {
    // A payload is a probe of the server's own; rings have none.
    this.#marking.on('notification', ({ processId, payload }) => payload === '' && this.#rings.push(processId));
    await this.#marking.query('listen taskfeed');
    const { rows } = await this.#marking.query<{ pid: number }>('select pg_backend_pid() as pid');
    this.#markingPid = rows[0]?.pid ?? 0;
  }

  /** Runs SQL whose events are of no interest, as an administrator in psql, and waits until they are through. */
  async given(sql: string): Promise<void> {
    await this.psql.query(sql);
    await this.#markedSince(this.client.packets.length);
  }

  /** A further session, an administrator's unless another URL is given. */
  session(url = this.database.url): Promise<pg.Client> {
    return this.scope.sql(url);
  }

  /**
   * Runs `work`, commits a marker, and resolves with exactly the events that came before the marker's. Every event is
   * a valid packet, its row is what the database holds now, and the doorbell was rung by others than the marker if and
   * only if there was something to tell.
   */
  async after(work: () => Promise<unknown>, { isRung }: { isRung?: boolean } = {}): Promise<Told[]> {
    const begin = this.client.packets.length;
    this.#rings = [];
    await work();
    this.packets = (await this.#markedSince(begin)).filter((packet) => !isOwnTalk(packet));
    expect(this.packets.flatMap(flawsOf)).toEqual([]);
    await this.#expectCurrent();
    const hasRung = await this.#hasOtherRung();
    expect({ hasRung }).toEqual({ hasRung: isRung ?? this.packets.length > 0 });
    return this.packets.map(told);
  }

  /** Runs `work`, which may not touch `links`, while no drain can read that table, so that one drain finds all that was committed meanwhile. */
  async inOneDrain(work: () => Promise<unknown>): Promise<void> {
    const barrier = await this.session();
    await barrier.query('begin; lock table public.links in access exclusive mode');
    await work();
    await barrier.query('rollback');
  }

  /** A role of this test alone that may write `tasks` and nothing else. */
  async taskWriter(): Promise<{ name: string; url: string }> {
    const name = `taskfeed_test_writer_${randomBytes(6).toString('hex')}`;
    await this.psql.query(`
      create role ${name} login password '${name}';
      grant select, insert, update, delete on public.tasks to ${name};`);
    this.scope.add(() => this.psql.query(`drop owned by ${name}; drop role ${name}`));
    return { name, url: withRole(this.database.url, name) };
  }

  // A reset takes the place of all events of its drain, perhaps the marker's too; then another marker is needed.
  async #markedSince(begin: number): Promise<Packet[]> {
    const since = () => this.client.packets.slice(begin);
    const resets = () => since().filter(({ name }) => name === 'feed:reset').length;
    for (;;) {
      this.#markers += 1;
      const marker = `marker ${this.#markers}`;
      const before = resets();
      await this.#marking.query('insert into public.systems (name) values ($1)', [marker]);
      const packets = await eventually(`the event of ${marker}`, () => {
        const end = since().findIndex(({ data }) => data.system?.name === marker);
        return end >= 0 ? since().slice(0, end) : resets() > before && 'swallowed';
      });
      if (packets !== 'swallowed') return packets;
    }
  }

  // Rings come in the order of commits, so the marker's is the last. The server's own rings, for other processes, are
  // none of a writer's.
  async #hasOtherRung(): Promise<boolean> {
    await eventually(`the marker's ring`, () => this.#rings.includes(this.#markingPid));
    const { rows } = await this.#marking.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and application_name ~ '^(taskfeed|marker)'`,
    );
    const known = new Set(rows.map(({ pid }) => pid));
    return this.#rings.some((pid) => !known.has(pid));
  }

  // The last event of every row, against the rows as they are.
  async #expectCurrent(): Promise<void> {
    for (const topic of Object.keys(sources) as Topic[]) {
      const packets = this.packets.filter((packet) => topicOf(packet) === topic);
      const last = new Map(packets.map((packet) => [idOf(packet), packet]));
      if (last.size === 0) continue;
      const { rows } = await this.#marking.query<{ row: { id: number } }>(
        `select to_json(d) as row from public.${sources[topic]} d where d.id = any ($1::integer[]) order by d.id`,
        [[...last.keys()]],
      );
      const shown = [...last.values()].filter(({ name }) => !name.endsWith(':deleted'));
      expect(shown.map(({ data }) => data[topic]).sort((a, b) => a.id - b.id)).toEqual(rows.map(({ row }) => row));
    }
  }
}

const sources = { task: 'task_details', system: 'systems', employee: 'employees', link: 'link_details' };
type Topic = keyof typeof sources;
const events = { task: taskEvent, system: systemEvent, employee: employeeEvent, link: linkEvent };
const rows = { task: taskSchema, system: systemSchema, employee: employeeSchema, link: linkSchema };

function topicOf({ name }: Packet): Topic {
  return name.split(':')[0] as Topic;
}

function idOf(packet: Packet): number {
  return packet.data[topicOf(packet)].id;
}

function isAboutRow({ name }: Packet): boolean {
  return !name.startsWith('feed:');
}

function isOwnTalk({ name, data }: Packet): boolean {
  return name === 'feed:pulse' || String(data.system?.name).startsWith('marker ');
}

// Deleted rows too are the full row, as it was last known.
function flawsOf(packet: Packet): unknown[] {
  if (!isAboutRow(packet)) return [];
  const topic = topicOf(packet);
  const { [topic]: shown, change } = packet.data;
  const parsed = events[topic].safeParse(packet.data);
  const keys = Object.keys(shown).sort().join();
  const known = Object.keys(rows[topic].shape).sort().join();
  const isNamed = change.changed.join() === Object.keys(change.before ?? {}).join();
  return [parsed.success || parsed.error, keys === known || keys, isNamed || change].filter((flaw) => flaw !== true);
}

function told(packet: Packet): Told {
  if (!isAboutRow(packet)) return { event: packet.name, reason: packet.data.reason };
  const { id, name, version, system_name, employee_name, image_ids, task_ids } = packet.data[topicOf(packet)];
  const { changed, before, actor, actor_name, count } = packet.data.change;
  const said = { name, version, system_name, employee_name, image_ids, task_ids };
  const known = Object.entries(said).filter(([, value]) => value !== undefined);
  return { event: packet.name, id, ...Object.fromEntries(known), changed, before, actor, actor_name, count };
}
