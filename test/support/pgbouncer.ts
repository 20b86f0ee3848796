// A real PgBouncer in transaction mode: what many people have before their PostgreSQL.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../src/postgres/embedded-port.ts';
import { eventually } from './eventually.ts';

export interface PgBouncer {
  /** The same database and role, through PgBouncer. */
  url: string;
  stop(): Promise<void>;
}

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];

/** Undefined where there is none on this machine, which has then been said. */
export async function startPgBouncer(url: string): Promise<PgBouncer | undefined> {
  const program = folders.map((folder) => join(folder, 'pgbouncer')).find(existsSync);
  if (program === undefined) {
    process.stderr.write(
      'not run: PgBouncer (there is no pgbouncer on this machine; on Debian: apt-get install pgbouncer)\n',
    );
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'taskfeed-pgbouncer-'));
  const port = await freePort();
  const settings = join(folder, 'pgbouncer.ini');
  await writeFile(settings, settingsFor(new URL(url), port));
  for (const path of [folder, settings]) await chmod(path, 0o755);
  // Like PostgreSQL, it refuses to be root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program, [...user, settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  await eventually('PgBouncer is up', () => {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended: ${said}`);
    return said.includes('process up');
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const through = new URL(url);
  through.port = String(port);
  return { url: through.href, stop };
}

function settingsFor({ hostname, port, pathname, username, password }: URL, listenPort: number): string {
  return `
[databases]
* = host=${hostname} port=${port || 5432} dbname=${pathname.slice(1)} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
`;
}
