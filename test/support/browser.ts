// A real browser for the tests of pages: a Chrome or Chromium that is on this machine, else the one from npm
// (Linux on x64). That one is unpacked once into a folder of our own, together with the libraries it needs.
// Where no browser can start, the tests of pages say so in one line and pass; with REQUIRE_BROWSER=1 they fail.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Quieting only. Nothing here may weaken what a page is protected by, or the tests would prove less.
const flags = ['--no-sandbox', '--mute-audio', '--disable-background-networking', '--font-render-hinting=none'];

const onThisMachine = [
  process.env['CHROME_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env['PROGRAMFILES']}\\Google\\Chrome\\Application\\chrome.exe`,
];

/** How long to wait for anything of a page, ms: the machine may be loaded. Less than a test may take, so that it is told what is missing. */
const patienceMs = 60_000;

interface Candidate {
  executablePath: string;
  env?: Record<string, string>;
}

/** A browser, or undefined where none can start; the reason has then been written to stderr. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const reasons: string[] = [];
  for (const find of [installed, packaged]) {
    try {
      for (const { executablePath, env } of await find()) {
        const environment = { ...(process.env as Record<string, string>), ...env };
        const launched = await launch(executablePath, environment, reasons);
        if (launched) return launched;
      }
    } catch (error) {
      reasons.push(firstLine(error));
    }
  }
  const reason = [...new Set(reasons)].join('; ') || 'there is no Chrome on this machine and none from npm for it';
  if (process.env['REQUIRE_BROWSER']) throw new Error(`No browser could be started: ${reason}`);
  process.stderr.write(`not run: browser tests (${reason})\n`);
  return undefined;
}

async function launch(
  executablePath: string,
  env: Record<string, string>,
  reasons: string[],
): Promise<Browser | undefined> {
  try {
    const browser = await chromium.launch({ executablePath, env, args: flags, timeout: patienceMs });
    return browser.on('context', (context) => context.setDefaultTimeout(patienceMs));
  } catch (error) {
    reasons.push(`${executablePath}: ${causeOf(error)}`);
    return undefined;
  }
}

function installed(): Candidate[] {
  return onThisMachine.flatMap((path) => (path && existsSync(path) ? [{ executablePath: path }] : []));
}

// First with the libraries from the package, which need a glibc of 2022 or newer, then with the machine's own.
async function packaged(): Promise<Candidate[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return [];
  const folder = await unpacked();
  const executablePath = join(folder, 'chromium');
  const libraries = [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return [{ executablePath, env: { LD_LIBRARY_PATH: libraries } }, { executablePath }];
}

// The package unpacks into the temporary folder and takes whatever lies there already, so it gets a temporary folder
// of its own, in a process of its own. The rename makes a half-unpacked browser impossible, also with two at once.
async function unpacked(): Promise<string> {
  const cache = join(root, 'node_modules', '.cache', 'taskfeed');
  const folder = join(cache, 'chromium-147.0.0');
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const unpacking = await mkdtemp(`${folder}-`);
  try {
    const script = `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`;
    // The name of that environment makes the package unpack its libraries too.
    const env = { ...process.env, TMPDIR: unpacking, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, env });
    await rename(unpacking, folder);
  } catch (error) {
    await rm(unpacking, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** What the browser itself said, rather than the log around it. */
function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /error while loading shared libraries: [^\n]*/.exec(text)?.[0] ?? firstLine(error);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
