// Installs and builds what is missing, with nothing but Node and npm. Run as a script it takes the steps to ensure
// (`install`, `build`) as arguments; `npm start` and `npm test` on a clean clone begin here.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const inside = (...parts) => join(root, ...parts);

/** @param {string[]} steps which of `install` and `build` to ensure */
export async function ensure(steps) {
  requireNode();
  // An installed package ships `dist` and has no sources to build from.
  if (!existsSync(inside('tsconfig.build.json'))) return;
  if (steps.includes('install') && !isInstalled()) install();
  if (steps.includes('build') && !isBuilt()) build();
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Taskfeed needs Node.js 20.19 or newer; this is ${process.versions.node}. Install a newer one from nodejs.org.`);
}

// npm writes node_modules/.package-lock.json last, so a newer lock file means that an install is owed.
function isInstalled() {
  const marker = inside('node_modules', '.package-lock.json');
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(inside('package-lock.json')).mtimeMs;
}

// Not `npm ci`: it refuses a lock file that lacks packages of other platforms, and which of those a lock file has
// depends on the registry it was written with. `--no-save` takes the locked versions and leaves the lock file alone.
function install() {
  console.error('taskfeed: installing packages, once …');
  run(['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], 'npm install');
}

function isBuilt() {
  const marker = inside('dist', '.built');
  if (!existsSync(marker)) return false;
  return readFileSync(marker, 'utf8') === String(newestSource());
}

function newestSource() {
  const files = [
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'vite.config.ts',
    'vite.link.config.ts',
  ].map((f) => inside(f));
  for (const entry of readdirSync(inside('src'), { recursive: true, withFileTypes: true })) {
    files.push(join(entry.parentPath, entry.name));
  }
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

function build() {
  console.error('taskfeed: building …');
  const newest = newestSource();
  run(['run', '--silent', 'build'], 'npm run build');
  writeFileSync(inside('dist', '.built'), String(newest));
}

function run(args, name) {
  const windows = process.platform === 'win32';
  // stdout belongs to the command itself (`taskfeed sql -c …` is piped by scripts), so all of this goes to stderr.
  const result = spawnSync(windows ? 'npm.cmd' : 'npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows });
  if (result.status !== 0) fail(`${name} failed. Its messages are above; mend that and run the same command again.`);
}

function fail(message) {
  console.error(`taskfeed: ${message}`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensure(process.argv.slice(2));
