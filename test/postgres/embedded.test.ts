import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findEmbedded } from '../../src/postgres/embedded.ts';
import { boundLog, filesOf } from '../../src/postgres/embedded-files.ts';
import { isAlive } from '../../src/postgres/process-identity.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn, query, removeTemplate, rootCase, Stage } from './embedded-support.ts';

describe('the embedded server', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.end());
  afterAll(removeTemplate);

  it('makes a database, an owner, an application role and passwords at the first start', async () => {
    const server = await stage.start({ initSync: true, settings: {} });
    expect(server.attached).toBe(false);
    const facts = await query(
      server.ownerUrl,
      `select current_setting('server_version_num')::int / 10000 as major, current_setting('max_connections') as connections,
         current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
         current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
         current_setting('timezone') as zone, current_setting('log_timezone') as log_zone,
         pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale,
         (select bool_and(auth_method = 'scram-sha-256') from pg_hba_file_rules) as only_scram,
         (select bool_and(rolpassword like 'SCRAM-SHA-256$%') from pg_authid where rolcanlogin) as scram_passwords
       from pg_database where datname = current_database()`,
    );
    expect(facts).toEqual({
      major: 18,
      connections: '300',
      fsync: 'on',
      synchronous_commit: 'on',
      listens: '127.0.0.1',
      sockets: '',
      zone: 'UTC',
      log_zone: 'UTC',
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
      only_scram: true,
      scram_passwords: true,
    });
    const role = await query(
      server.appUrl,
      `select current_user as name, current_database() as database, rolsuper or rolcreatedb or rolcreaterole
         or rolreplication or rolbypassrls as mighty from pg_roles where rolname = current_user`,
    );
    expect(role).toEqual({ name: 'taskfeed_app', database: 'taskfeed', mighty: false });
    expect(await query(server.url('postgres'), 'select current_database() as name')).toEqual({ name: 'postgres' });
    const wrong = query(server.ownerUrl.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1');
    await expect(wrong).rejects.toThrow('password authentication failed');
  });

  it('makes the folders above its own, keeps its passwords for the user of the app alone, and leaves no other file', async () => {
    const folder = join(stage.root, 'a', 'b');
    await mkdir(join(folder, 'postgres'), { recursive: true });
    const server = await stage.start({ dataDir: join(folder, 'postgres') });
    expect(await namesIn(folder)).toEqual(['postgres', 'postgres.json', 'postgres.log']);
    const { secrets, log } = filesOf(join(folder, 'postgres'));
    const { mode, uid } = await stat(secrets);
    expect([mode & 0o777, uid]).toEqual([0o600, process.getuid?.() ?? 0]);
    expect((await stat(log)).mode & 0o777).toBe(0o600);
    expect(stage.log.join('\n')).not.toContain(new URL(server.ownerUrl).password);
  });

  it('has the same data, port and passwords after a restart', async () => {
    await stage.seed();
    const first = await stage.start();
    await query(first.ownerUrl, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await stage.start();
    expect([second.ownerUrl, second.appUrl, second.attached]).toEqual([first.ownerUrl, first.appUrl, false]);
    expect(await query(second.ownerUrl, 'select answer from kept')).toEqual({ answer: 42 });
  });

  it('takes settings for the server it starts, but always listens on 127.0.0.1 only', async () => {
    await stage.seed();
    const settings = { fsync: 'off', wal_level: 'logical', max_connections: '20', listen_addresses: '*' };
    const server = await stage.start({ settings });
    const facts = await query(
      server.ownerUrl,
      `select current_setting('fsync') as fsync, current_setting('wal_level') as wal,
         current_setting('max_connections') as connections, current_setting('listen_addresses') as listens`,
    );
    expect(facts).toEqual({ fsync: 'off', wal: 'logical', connections: '20', listens: '127.0.0.1' });
  });

  it('moves to another port when somebody else has taken its own, says so, and remembers the new one', async () => {
    await stage.seed();
    const first = await stage.start();
    await first.stop();
    const somebody = createServer();
    await new Promise<void>((resolve) => somebody.listen(first.port, '127.0.0.1', resolve));
    const second = await stage.start();
    await second.stop();
    await new Promise((resolve) => somebody.close(resolve));
    expect(second.port).not.toBe(first.port);
    expect(stage.log.join('\n')).toContain(`Port ${first.port} of the database is taken by another program`);
    expect((await stage.start()).port).toBe(second.port);
  });

  rootCase('moves to another port when the old one turns out not to be for its user', async () => {
    await stage.seed();
    const { secrets } = filesOf(stage.dataDir);
    // A port that root may open, so that it looks free to us, and PostgreSQL's user may not.
    await writeFile(secrets, JSON.stringify({ ...JSON.parse(await readFile(secrets, 'utf8')), port: 1 }));
    const server = await stage.start();
    expect(server.port).toBeGreaterThan(1024);
    expect(JSON.parse(await readFile(secrets, 'utf8')).port).toBe(server.port);
  });

  it('is found while it runs, attached to by a second start, and gone after stop, which may be called twice', async () => {
    expect(await findEmbedded(stage.dataDir)).toBeUndefined();
    await stage.seed();
    expect(await findEmbedded(stage.dataDir)).toBeUndefined();
    const server = await stage.start();
    const found = await findEmbedded(stage.dataDir);
    expect([found?.pid, found?.attached, found?.ownerUrl]).toEqual([server.pid, true, server.ownerUrl]);
    const second = await stage.start();
    expect([second.pid, second.attached, second.port]).toEqual([server.pid, true, server.port]);
    await Promise.all([server.stop(), server.stop(), second.stop()]);
    expect(isAlive(server.pid)).toBe(false);
    await server.stop();
    expect(await findEmbedded(stage.dataDir)).toBeUndefined();
  });

  it('stops at once when a fast shutdown hangs', async () => {
    await stage.seed();
    const server = await stage.start({ stopTimeoutMs: 300 });
    const frozen = await stage.freezeSession(server);
    const stopped = server.stop();
    // PostgreSQL itself would kill the frozen session after another five seconds.
    await eventually('an immediate shutdown', async () =>
      (await readFile(filesOf(stage.dataDir).log, 'utf8')).includes('received immediate shutdown request'),
    );
    process.kill(frozen, 'SIGKILL');
    await stopped;
    expect(isAlive(server.pid)).toBe(false);
    expect(stage.log.at(-1)).toContain(`PostgreSQL (pid ${server.pid}) has not stopped within 300 ms`);
  });

  it('keeps its log below a bound', async () => {
    const files = filesOf(stage.dataDir);
    await writeFile(files.log, 'old line\n'.repeat(100));
    await boundLog(files, 10_000);
    expect((await readFile(files.log, 'utf8')).length).toBe(900);
    await boundLog(files, 500);
    expect(await readFile(files.log, 'utf8')).toBe('');
    expect((await readFile(`${files.log}.1`, 'utf8')).length).toBe(900);
  });
});
