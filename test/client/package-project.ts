// An empty project with the packed package in it: what `npm install taskfeed` leaves, without asking a registry. Its
// dependencies are those of this repository.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(dependencies: readonly string[]): Promise<Project> {
    if (!existsSync(join(root, 'dist/client/index.js'))) {
      throw new Error('The client is not built: run npm run build (npm test does).');
    }
    const folder = await mkdtemp(join(tmpdir(), 'taskfeed-project-'));
    const project = new Project(folder);
    await project.write('package.json', JSON.stringify({ type: 'module', private: true }));
    await project.#install();
    for (const name of dependencies) {
      const place = join(folder, 'node_modules', name);
      await mkdir(dirname(place), { recursive: true });
      await symlink(join(root, 'node_modules', name), place, 'junction');
    }
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
    await run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: this.folder });
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

  async #install(): Promise<void> {
    const npm = process.env['npm_execpath'];
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', this.folder];
    const options = { cwd: root, shell: npm === undefined && process.platform === 'win32' };
    await (npm ? run(process.execPath, [npm, ...pack], options) : run('npm', pack, options));
    const tarball = (await readdir(this.folder)).find((name) => name.endsWith('.tgz')) ?? '';
    await run('tar', ['-xzf', tarball], { cwd: this.folder });
    await cp(join(this.folder, 'package'), join(this.folder, 'node_modules/taskfeed'), { recursive: true });
    await rm(join(this.folder, 'package'), { recursive: true });
  }
}
