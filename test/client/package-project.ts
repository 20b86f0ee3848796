// An empty project into which npm installs the packed package, as a user's `npm install taskfeed` would. npm takes from its
// cache what it has, which after an install of this repository is nearly everything.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { signIn } from '../support/identity.ts';
import type { RunningServer } from '../support/run-server.ts';
import type { Scope } from '../support/scope.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `others`: what is installed beside it, in the versions of this repository. */
  static async create(others: readonly string[]): Promise<Project> {
    if (!existsSync(join(root, 'dist/client/index.js'))) {
      throw new Error('The client is not built: run npm run build (npm test does).');
    }
    const folder = await mkdtemp(join(tmpdir(), 'taskfeed-project-'));
    const project = new Project(folder);
    await project.write('package.json', JSON.stringify({ type: 'module', private: true }));
    await project.#install(others);
    return project;
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** What a script of the project writes. */
  async node(script: string, env: Record<string, string>): Promise<string> {
    const { stdout } = await run(process.execPath, [script], { cwd: this.folder, env: { ...process.env, ...env } });
    return stdout;
  }

  async build(): Promise<void> {
    // Not as in a test: Vite would take the debugging builds of what it bundles.
    const env = { ...process.env, NODE_ENV: 'production' };
    await run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: this.folder, env });
  }

  /** A page with this script and an element `root`. */
  async buildPage(script: string): Promise<void> {
    await this.write('index.html', '<body><div id="root"></div><script type="module" src="/main.js"></script></body>');
    await this.write('main.js', script);
    await this.build();
  }

  async checkTypes(): Promise<void> {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '--noEmit', '-p', '.'], { cwd: this.folder }).catch(
      (error: { stdout: string }) => {
        throw new Error(error.stdout);
      },
    );
  }

  /** Of all built scripts together, bytes. */
  async gzipped(): Promise<number> {
    const assets = join(this.folder, 'dist/assets');
    const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'));
    const texts = await Promise.all(scripts.map((name) => readFile(join(assets, name))));
    return texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #install(others: readonly string[]): Promise<void> {
    await npm(root, 'pack', '--silent', '--ignore-scripts', '--pack-destination', this.folder);
    const packed = (await readdir(this.folder)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`);
    const ours = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).devDependencies;
    const beside = others.map((name) => `${name}@${ours[name]}`);
    // Optional is PostgreSQL itself, which a client does without.
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional'];
    await npm(this.folder, 'install', ...quiet, ...packed, ...beside);
  }
}

/** The front page, for a manager who is signed in. An error in it fails the test. */
export async function openPage(
  scope: Scope,
  { browser, server }: { browser: Browser; server: RunningServer },
): Promise<Page> {
  const context = await browser.newContext();
  scope.add(() => context.close());
  const { name, value, url } = await signIn(server.url);
  await context.addCookies([{ name, value, url }]);
  const page = await context.newPage();
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  scope.add(async () => expect(errors).toEqual([]));
  await page.goto(server.url);
  return page;
}

async function npm(cwd: string, ...given: string[]): Promise<void> {
  const script = process.env['npm_execpath'];
  const options = { cwd, shell: script === undefined && process.platform === 'win32' };
  await (script ? run(process.execPath, [script, ...given], options) : run('npm', given, options));
}
