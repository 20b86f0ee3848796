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

/** Resident memory of a process, now and at its highest, bytes. */
function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** From now on the peak is the peak from now on. */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
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

// What a morning is: everybody loads the board, some reload it, and tasks change one by one and by the dozen.
async function warmUp(clients: SoakClient[], psql: pg.Client): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(clients.map((client) => client.load()));
    for (const client of clients) client.connect();
    await eventually('everybody is ready', () => clients.every(({ isReady }) => isReady));
    for (let step = 0; step < 150; step += 1) {
      await psql.query(`update tasks set note = $1 where id between $2 and $2 + 20`, [
        `${round} ${step}`,
        1 + step * 100,
      ]);
    }
    const last = `round ${round}`;
    await psql.query('update tasks set title = $1 where id = 1', [last]);
    await eventually('everybody has seen it', () =>
      clients.every((client) => client.row('task', 1)?.['title'] === last),
    );
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
  await warmUp(clients, psql);
  const away = clients[0];
  away?.cut('socket');
  const told = clients.map(({ figures }) => figures.events);
  const isMeasured = existsSync(`/proc/${pid}/status`);
  const before = isMeasured ? memory(pid) : undefined;
  if (isMeasured) forgetPeak(pid);

  await psql.query(`update tasks set priority = 'urgent'`);
  const present = clients.slice(1);
  await eventually('the reset', () => present.every(({ resets }) => resets.length > 0));
  const atReset = isMeasured ? memory(pid) : undefined;
  away?.connect();
  await eventually(
    'everybody has loaded anew',
    () => clients.every(({ isReady, resets }) => isReady && resets.length > 0),
    20_000,
  );
  // Whatever else was sent would have come before this one.
  await psql.query(`update tasks set title = 'afterwards' where id = 1`);
  const isThere = (client: SoakClient) => client.row('task', 1)?.['title'] === 'afterwards';
  await eventually('the next change', () => clients.every(isThere));
  const after = isMeasured ? memory(pid) : undefined;

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
    `bulk: ${rowCount} rows, ${clientCount} clients: server RSS ${mebibytes(before.now)} before (peak since its start ${mebibytes(before.peak)}), ` +
      `peak ${mebibytes(atReset.peak)} when the reset was told, ${mebibytes(after.peak)} when all had loaded anew\n`,
  );
  expect(after.peak - before.now).toBeLessThan(mostGrowth);
}, 120_000);
