import { readFileSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { platformBinaries } from '../../src/postgres/embedded-binaries.ts';
import { execute, isRoot, namesIn, query, rootCase, Stage } from './embedded-support.ts';

/** For root, a normal user is the system's `nobody`. */
const normal = isRoot ? userNamed('nobody') : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const nameless = { uid: 47_110, gid: 47_110 };
const ids = isRoot ? normal : {};

function userNamed(wanted: string): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${wanted}:`));
  const [, , uid, gid] = (line ?? '').split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

describe('the embedded server and its system user', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.end());

  const ownerOfProcess = async (pid: number) => (await stat(`/proc/${pid}`)).uid;
  const ownFolder = async (name: string, user = normal) => {
    const folder = join(stage.root, name);
    await mkdir(folder, { mode: 0o700 });
    if (isRoot) await chown(folder, user.uid, user.gid);
    return folder;
  };

  it('needs no root: a normal user has everything in the folder asked for', async () => {
    const folder = await ownFolder('mine');
    const app = stage.app({ dataDir: join(folder, 'postgres') }, ids);
    const facts = await app.outcome;
    if (!('pid' in facts)) throw new Error(facts.message);
    expect(await query(facts.ownerUrl, `select current_setting('data_directory') as folder`)).toEqual({
      folder: join(folder, 'postgres'),
    });
    expect(await namesIn(folder)).toEqual(['postgres', 'postgres.json', 'postgres.log']);
    expect((await stat(join(folder, 'postgres.json'))).uid).toBe(normal.uid);
  });

  it('refuses a folder that is not writable, naming the user and the way out', async () => {
    const folder = await ownFolder('closed');
    await execute('chmod', ['555', folder]);
    const app = stage.app({ dataDir: join(folder, 'postgres') }, ids);
    const message =
      /^The database cannot be kept in \S+closed\/postgres: user id \d+ may not .*EACCES.*set DATA_DIR to/;
    expect(await app.outcome).toMatchObject({ name: 'PostgresError', message: expect.stringMatching(message) });
  });

  rootCase('refuses a user id without a name, as some containers have it, and says what to do', async () => {
    const folder = await ownFolder('mine', nameless);
    const message =
      /^PostgreSQL needs a system user with a name, and user id 47110 has none\. Add a line .*DATABASE_URL/;
    const app = stage.app({ dataDir: join(folder, 'postgres') }, nameless);
    expect(await app.outcome).toMatchObject({ name: 'PostgresError', message: expect.stringMatching(message) });
    expect(await namesIn(folder)).toEqual(['postgres.json']);
  });

  rootCase('run by root, it is another user, and keeps to the owner of the folder that is there', async () => {
    const server = await stage.start();
    expect(await ownerOfProcess(server.pid)).not.toBe(0);
    expect((await stat(stage.dataDir)).uid).toBe(await ownerOfProcess(server.pid));
    await server.stop();
    await execute('chown', ['-R', `${nameless.uid}:${nameless.gid}`, stage.dataDir]);
    expect(await ownerOfProcess((await stage.start()).pid)).toBe(nameless.uid);
  });

  rootCase(
    'run by root below a folder closed to others, keeps the data elsewhere, says where, and finds it again',
    async () => {
      await execute('chmod', ['700', stage.root]);
      const first = await stage.start();
      const place = (await readFile(`${stage.dataDir}.location`, 'utf8')).trim();
      expect(place).toMatch(/^\/var\/lib\/taskfeed-[0-9a-f]{12}\/postgres$/);
      expect(stage.log.join('\n')).toContain(`database in ${place}, run by the user`);
      expect((await readFile(join(dirname(place), 'belongs-to'), 'utf8')).trim()).toBe(stage.dataDir);
      expect(await namesIn(stage.root)).toEqual(['postgres.json', 'postgres.location', 'postgres.log']);
      await query(first.ownerUrl, 'create table kept as select 42 as answer');
      await first.stop();

      // The pointer may be lost, and the folder may be moved; not both.
      await rm(`${stage.dataDir}.location`);
      const second = await stage.start();
      expect(await query(second.ownerUrl, 'select answer from kept')).toEqual({ answer: 42 });
      await second.stop();
      const moved = join(stage.root, 'moved');
      await mkdir(moved);
      for (const end of ['json', 'location']) await rename(`${stage.dataDir}.${end}`, join(moved, `postgres.${end}`));
      const third = await stage.start({ dataDir: join(moved, 'postgres') });
      expect(await query(third.ownerUrl, 'select answer from kept')).toEqual({ answer: 42 });
      expect((await readFile(join(dirname(place), 'belongs-to'), 'utf8')).trim()).toBe(join(moved, 'postgres'));
    },
  );

  rootCase(
    'run by root with binaries below a closed folder, copies them beside the data, libraries and all',
    async () => {
      const closed = join(stage.root, 'closed');
      await mkdir(closed, { mode: 0o700 });
      const binaries = join(closed, 'native');
      await execute('cp', ['-a', platformBinaries(), binaries]);
      await execute('find', [join(binaries, 'lib'), '-type', 'l', '-delete']);
      await execute('chmod', ['-R', 'go-rwx', binaries]);
      await mkdir(`${stage.dataDir}.binaries-17.0`);
      const server = await stage.start({ binaries });
      expect(await query(server.ownerUrl, 'select 1 as one')).toEqual({ one: 1 });
      const copies = (await namesIn(stage.root)).filter((name) => name.startsWith('postgres.binaries-'));
      expect(copies).toHaveLength(1);
      expect(stage.log[0]).toContain(`copying them to ${stage.dataDir}.binaries-`);
      await server.stop();
      stage.log.length = 0;
      await stage.start({ binaries });
      expect(stage.log.join('\n')).not.toContain('copying');
    },
  );

  it('uses binaries whose library links are missing and cannot be made, through a copy of its own', async () => {
    const folder = await ownFolder('mine');
    const binaries = join(stage.root, 'native');
    await execute('cp', ['-a', platformBinaries(), binaries]);
    await execute('find', [join(binaries, 'lib'), '-type', 'l', '-delete']);
    await execute('chmod', ['-R', 'a-w', binaries]);
    const app = stage.app({ dataDir: join(folder, 'postgres'), binaries }, ids);
    const facts = await app.outcome;
    if (!('pid' in facts)) throw new Error(facts.message);
    expect(await query(facts.ownerUrl, 'select 1 as one')).toEqual({ one: 1 });
    expect(app.log[0]).toContain('cannot be used where they are; copying them');
  });
});
