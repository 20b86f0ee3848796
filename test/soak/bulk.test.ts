// One statement over more rows than can be told one by one: every client is told once to load anew, and the server's
// memory does not follow the size of the statement. The server runs in a process of its own, so that its memory is its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import type pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { SoakClient } from './client.ts';
import type { Row } from './ledger.ts';

const rowCount = 20_000;
const clientCount = 4;
/** How often everybody comes before it is measured. */
const rounds = 2;

/** For what takes a second when the machine is idle. */
const deadlineMs = 90_000;

/** What finding out and telling may cost, before anybody loads anew, bytes. */
const mostForTelling = 10 * 1024 * 1024;

/** How much higher the peak may be, everybody loading at once, than when they did so in the ordinary course, bytes. */
const mostGrowth = 50 * 1024 * 1024;

const scope = createScope();

interface Child {
  url: string;
  pid: number;
}

async function startServer(databaseUrl: string): Promise<Child> {
  const script = fileURLToPath(new URL('server-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, databaseUrl], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  scope.add(async () => {
    child.stdin.end();
    const [code] = await exit;
    expect({ code }).toEqual({ code: 0 });
  });
  const url = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    exit.then(([code]) => Promise.reject(new Error(`The server ended with ${code}.`))),
  ]);
  return { url, pid: child.pid ?? 0 };
}

/** Resident memory of a process, now and at its highest, bytes. Undefined where the system does not tell. */
function memory(pid: number): { now: number; peak: number } | undefined {
  if (!existsSync(`/proc/${pid}/status`)) return undefined;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** From now on the peak is the peak from now on. */
function forgetPeak(pid: number): void {
  if (existsSync(`/proc/${pid}/clear_refs`)) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

async function table(psql: pg.Client): Promise<Row[]> {
  await psql.query(`set timezone = 'UTC'`);
  const { rows } = await psql.query<{ row: Row }>('select to_json(d) as row from task_details d order by id');
  return rows.map(({ row }) => row);
}

function connect(url: string, isBatch: boolean): SoakClient {
  const client = new SoakClient({ url, isBatch, pageSize: 1_000 });
  scope.add(async () => client.close());
  return client;
}

// What a morning is: everybody loads the board, and tasks change one by one and by the dozen.
async function warmUp(clients: SoakClient[], psql: pg.Client, pid: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    // The first round still pays for the start.
    forgetPeak(pid);
    await Promise.all(clients.map((client) => client.load()));
    for (const client of clients) client.connect();
    await eventually('everybody is ready', () => clients.every(({ isReady }) => isReady), deadlineMs);
    for (let step = 0; step < 150; step += 1) {
      await psql.query(`update tasks set note = $1 where id between $2 and $2 + 20`, [
        `${round} ${step}`,
        1 + step * 100,
      ]);
    }
    const last = `round ${round}`;
    await psql.query('update tasks set title = $1 where id = 1', [last]);
    const hasSeenIt = (client: SoakClient) => client.row('task', 1)?.['title'] === last;
    await eventually('everybody has seen it', () => clients.every(hasSeenIt), deadlineMs);
    if (round < rounds - 1) for (const client of clients) client.cut('socket');
  }
}

it(`tells ${rowCount} rows of one statement as one reset, in little memory`, async () => {
  const database = await scope.database();
  const psql = await scope.sql(database.url);
  await psql.query(`insert into systems (name) values ('Boiler 2'); insert into employees (name) values ('Dana Levi')`);
  await psql.query(
    `insert into tasks (title, note, system_id, employee_id) select 'task ' || n, repeat('n', 100), 1, 1 from generate_series(1, $1::integer) n`,
    [rowCount],
  );
  const { url, pid } = await startServer(database.appUrl);
  const clients = Array.from({ length: clientCount }, (_, index) => connect(url, index % 2 === 1));
  await warmUp(clients, psql, pid);
  const away = clients[0];
  away?.cut('socket');
  const told = clients.map(({ figures }) => figures.events);
  const before = memory(pid);
  forgetPeak(pid);

  await psql.query(`update tasks set priority = 'urgent'`);
  const present = clients.slice(1);
  await eventually('the reset', () => present.every(({ resets }) => resets.length > 0), deadlineMs);
  const atReset = memory(pid);
  away?.connect();
  await eventually(
    'everybody has loaded anew',
    () => clients.every(({ isReady, resets }) => isReady && resets.length > 0),
    deadlineMs,
  );
  // Whatever else was sent would have come before this one.
  await psql.query(`update tasks set title = 'afterwards' where id = 1`);
  const isThere = (client: SoakClient) => client.row('task', 1)?.['title'] === 'afterwards';
  await eventually('the next change', () => clients.every(isThere), deadlineMs);
  const after = memory(pid);

  const rows = await table(psql);
  expect(rows).toHaveLength(rowCount);
  for (const [index, client] of clients.entries()) {
    expect(client.resets).toEqual([{ reason: 'bulk', count: rowCount }]);
    expect(client.figures.events - (told[index] ?? 0)).toBe(1);
    expect(client.complaints).toEqual([]);
    // Twenty thousand rows are too many for a deep comparison that would say where they differ.
    const shown = client.rows('task');
    const others = rows.filter((row, place) => JSON.stringify(row) !== JSON.stringify(shown[place]));
    expect({ shown: shown.length, others }).toEqual({ shown: rowCount, others: [] });
  }
  if (!before || !atReset || !after) {
    process.stderr.write('not run: the memory of the server (needs /proc)\n');
    return;
  }
  process.stdout.write(
    `bulk: ${rowCount} rows, ${clientCount} clients: server RSS ${mebibytes(before.now)}, ordinary peak ${mebibytes(before.peak)}; ` +
      `peak ${mebibytes(atReset.peak)} when the reset was told, ${mebibytes(after.peak)} when all had loaded anew\n`,
  );
  expect(atReset.peak - before.now).toBeLessThan(mostForTelling);
  expect(after.peak - before.peak).toBeLessThan(mostGrowth);
}, 400_000);
