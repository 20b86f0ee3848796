// A primary and its standby, from the embedded server's programs alone: the standby is a copy of the stopped primary,
// which then replays what the primary sends.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { platformBinaries, prepareBinaries } from '../../src/postgres/embedded-binaries.ts';
import { filesOf } from '../../src/postgres/embedded-files.ts';
import { findPlace } from '../../src/postgres/embedded-place.ts';
import { freePort } from '../../src/postgres/embedded-port.ts';
import { stopServer } from '../../src/postgres/embedded-process.ts';
import { startServer } from '../../src/postgres/embedded-start.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createDataDir } from './data-dir.ts';
import type { Scope } from './scope.ts';

const execute = promisify(execFile);
const settings = { fsync: 'off' };
const timeoutMs = 60_000;
const log = () => undefined;

export interface Pair {
  primary: EmbeddedServer;
  standby: { ownerUrl: string; appUrl: string };
}

export async function startWithStandby(scope: Scope): Promise<Pair> {
  const { dataDir, remove } = await createDataDir();
  scope.add(remove);
  const first = await startEmbedded({ dataDir, settings, initSync: false });
  await migrate({ url: first.ownerUrl, applicationRole: 'taskfeed_app' }).finally(() => first.stop());
  const copy = join(dirname(dataDir), 'standby', 'postgres');
  await mkdir(dirname(copy));
  await execute('cp', ['-a', dataDir, copy]);

  const primary = await startEmbedded({ dataDir, settings, initSync: false });
  scope.add(() => primary.stop());
  const port = await startCopy(scope, copy, primary);
  return { primary, standby: { ownerUrl: onPort(primary.ownerUrl, port), appUrl: onPort(primary.appUrl, port) } };
}

async function startCopy(scope: Scope, dataDir: string, primary: EmbeddedServer): Promise<number> {
  // Copied from a file of the server's user, so that it belongs to that user too.
  await execute('cp', ['-a', join(dataDir, 'PG_VERSION'), join(dataDir, 'standby.signal')]);
  const files = filesOf(dataDir);
  const place = await findPlace(files);
  const binaries = await prepareBinaries(platformBinaries(), { user: place.user, beside: dataDir, log });
  const { hostname, port, username, password } = new URL(primary.ownerUrl);
  const source = `host=${hostname} port=${port} user=${username} password=${password}`;
  const running = await startServer({
    files,
    place,
    binaries,
    port: await freePort(),
    settings: { ...settings, primary_conninfo: source },
    timeoutMs,
    log,
  });
  scope.add(() => stopServer(running, { timeoutMs, log }));
  return running.port;
}

function onPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
