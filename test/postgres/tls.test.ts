// TLS to the database, with a real server and certificates made for it.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { connectionOf, explainConnection } from '../../src/postgres/connection.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { createDataDir } from '../support/data-dir.ts';
import { eventually } from '../support/eventually.ts';

const run = promisify(execFile);
let place: { dataDir: string; remove: () => Promise<void> };
let folder: string;
let server: EmbeddedServer | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskfeed-tls-'));
  place = await createDataDir();
  try {
    await certify('db.example');
  } catch {
    process.stderr.write('not run: TLS to the database (there is no openssl on this machine)\n');
    return;
  }
  server = await startEmbedded({ dataDir: place.dataDir, settings: { fsync: 'off' }, initSync: false });
  await useCertificate(server);
});

afterAll(async () => {
  await server?.stop();
  await place.remove();
  await rm(folder, { recursive: true });
});

/** Signs for the host by an authority of our own, whose certificate is in root.crt. */
async function certify(host: string): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'root.key', '-out', 'root.crt', '-subj', '/CN=Test authority');
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', ...names);
  const signing = ['-CA', 'root.crt', '-CAkey', 'root.key', '-CAcreateserial', '-copy_extensions', 'copy'];
  await openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.crt');
}

// PostgreSQL takes a key that nobody else may read, so it writes the file by itself.
async function useCertificate({ ownerUrl }: EmbeddedServer): Promise<void> {
  const admin = new pg.Client(connectionOf(ownerUrl));
  await admin.connect();
  for (const name of ['server.crt', 'server.key']) {
    const lines = `select unnest(string_to_array('${await readFile(join(folder, name), 'utf8')}', e'\\n'))`;
    await admin.query(`copy (${lines}) to program 'umask 077; cat > ${name}'`);
  }
  await admin.query('alter system set ssl = on');
  await admin.query('select pg_reload_conf()');
  await eventually('TLS is on', async () => (await admin.query('show ssl')).rows[0].ssl === 'on');
  await admin.end();
}

/** Whether a connection with these settings is encrypted, or what was wrong. */
async function outcome(query: string, { host = '127.0.0.1', env = {} } = {}): Promise<boolean | string> {
  const url = new URL((server as EmbeddedServer).ownerUrl);
  url.hostname = host;
  url.search = query.replace('ROOT', join(folder, 'root.crt'));
  try {
    const client = new pg.Client(connectionOf(url.href, env));
    await client.connect();
    const { rows } = await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    await client.end();
    return rows[0].ssl;
  } catch (error) {
    return (explainConnection(error) as Error).message;
  }
}

function withTls(name: string, test: () => Promise<void>): void {
  it(name, async () => {
    if (server) await test();
  });
}

describe('TLS to the database', () => {
  withTls('is used as sslmode says', async () => {
    expect(await outcome('')).toBe(false);
    expect(await outcome('sslmode=disable')).toBe(false);
    expect(await outcome('sslmode=require')).toBe(true);
    expect(await outcome('sslmode=verify-ca&sslrootcert=ROOT')).toBe(true);
    expect(await outcome('', { env: { PGSSLMODE: 'require' } })).toBe(true);
    const env = { PGSSLROOTCERT: join(folder, 'root.crt') };
    expect(await outcome('sslmode=verify-ca', { env })).toBe(true);
  });

  withTls('refuses a certificate of somebody unknown, and says what to do', async () => {
    for (const mode of ['verify-ca', 'verify-full']) {
      expect(await outcome(`sslmode=${mode}`)).toMatch(/signed by nobody who is known here.*PGSSLROOTCERT/);
    }
    expect(await outcome(`sslmode=require&sslrootcert=${join(folder, 'server.crt')}`)).toMatch(/nobody who is known/);
  });

  withTls('refuses a certificate of another host with verify-full only', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await outcome('sslmode=verify-full&sslrootcert=ROOT', { host })).toMatch(/is for another host.*verify-ca/);
    }
    await certify('localhost');
    await useCertificate(server as EmbeddedServer);
    expect(await outcome('sslmode=verify-full&sslrootcert=ROOT', { host: 'localhost' })).toBe(true);
    expect(await outcome('sslmode=verify-full&sslrootcert=ROOT')).toMatch(/is for another host/);
  });

  withTls('is used by migrations and by the pool as well', async () => {
    const { ownerUrl } = server as EmbeddedServer;
    await expect(migrate({ url: `${ownerUrl}?sslmode=verify-full` })).rejects.toThrow(/PGSSLROOTCERT/);
    const knex = createPool({ url: `${ownerUrl}?sslmode=require` });
    const { rows } = await knex.raw('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
    await knex.destroy();
  });
});

describe('settings of TLS', () => {
  const url = 'postgresql://app@db.example/site';

  it.each(['prefer', 'allow', 'no-verify', 'nonsense'])('that prove nothing are refused: sslmode=%s', (mode) => {
    expect(() => connectionOf(`${url}?sslmode=${mode}`)).toThrow(/Use verify-full, verify-ca, require or disable/);
  });

  it('that name a file which cannot be read are told with its name', () => {
    expect(() => connectionOf(`${url}?sslmode=verify-full`, { PGSSLROOTCERT: '/nowhere/root.crt' })).toThrow(
      'sslrootcert /nowhere/root.crt cannot be read (ENOENT).',
    );
  });

  it('are taken out of the URL, and the rest of it stays', () => {
    expect(connectionOf(`${url}?sslmode=require&application_name=x&sslrootcert=`, {})).toEqual({
      connectionString: `${url}?application_name=x`,
      ssl: { rejectUnauthorized: false, checkServerIdentity: expect.any(Function) },
    });
  });
});
