// `taskfeed sql`: psql on the database, if the machine has it; else a small prompt of our own, so that looking into the
// database needs nothing but Node. Both stop a script at its first error and then leave with a code other than 0.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { messageOf } from '../postgres/errno.ts';
import { runPrompt } from './sql-prompt.ts';
import { type SqlOutput, SqlSession } from './sql-session.ts';
import { scan } from './sql-text.ts';

export interface SqlOptions {
  readonly url: string;
  /** Run this and leave. */
  readonly command?: string;
  /** Run this file and leave; after the command, if both are given. */
  readonly file?: string;
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Our own prompt also where there is a psql; TASKFEED_SQL_BUILTIN=1 does the same. */
  readonly builtIn?: boolean;
  /** Of our own prompt; by default `.taskfeed_sql_history` in the home folder. */
  readonly historyFile?: string;
}

/** Resolves with the exit code: 0; 1 bad command or file, 2 no connection, 3 error in a script (psql's numbers). */
export async function runSql(options: SqlOptions): Promise<number> {
  const { stdin, stdout, stderr } = options;
  const isTerminal = stdin === process.stdin && stdout === process.stdout && stderr === process.stderr;
  const builtIn = options.builtIn ?? process.env['TASKFEED_SQL_BUILTIN'] === '1';
  // psql inherits our streams, so it can serve no others.
  const code = isTerminal && !builtIn ? await runPsql(options) : undefined;
  return code ?? runBuiltIn(options);
}

/** The exit code; undefined if there is no psql. */
function runPsql({ url, command, file, stdin }: SqlOptions): Promise<number | undefined> {
  const { bare, password } = withoutPassword(url);
  const isScript = command !== undefined || file !== undefined || stdin.isTTY !== true;
  const args = ['-d', bare, ...(isScript ? ['-v', 'ON_ERROR_STOP=1'] : [])];
  if (command !== undefined) args.push('-c', command);
  if (file !== undefined) args.push('-f', file);
  // The list of processes shows arguments to everybody, and the environment to the same user only.
  const env = password === '' ? process.env : { ...process.env, PGPASSWORD: password };
  // Ctrl-C reaches both of us; psql cancels a statement with it and goes on, and so must we.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  return new Promise<number | undefined>((resolve, reject) => {
    const child = spawn('psql', args, { stdio: 'inherit', env });
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(undefined) : reject(error),
    );
    child.once('exit', (code) => resolve(code ?? 1));
  }).finally(() => process.off('SIGINT', ignore));
}

function withoutPassword(url: string): { bare: string; password: string } {
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password) || (parsed.searchParams.get('password') ?? '');
  parsed.password = '';
  parsed.searchParams.delete('password');
  return { bare: parsed.href, password };
}

async function runBuiltIn(options: SqlOptions): Promise<number> {
  const { command, file, stdin, stdout, stderr } = options;
  const out: SqlOutput = { stdout, stderr };
  const session = new SqlSession(options.url, out);
  try {
    const { prompt, version } = await session.connect();
    // One message, one transaction: like psql -c.
    if (command !== undefined && !(await session.execute(command))) return 1;
    if (file !== undefined) return await runFile(session, file, stderr);
    if (command !== undefined) return 0;
    if (stdin.isTTY !== true) return await runScript(session, { script: await text(stdin), name: '<stdin>', stderr });
    stdout.write(`PostgreSQL ${version}. Type \\? for help.\n\n`);
    return await runPrompt({ session, stdin, out, prompt, historyFile: options.historyFile });
  } catch (error) {
    stderr.write(`No connection to the database: ${describe(error)}\n`);
    return 2;
  } finally {
    await session.end();
  }
}

async function runFile(session: SqlSession, path: string, stderr: NodeJS.WritableStream): Promise<number> {
  let script: string;
  try {
    script = await readFile(path, 'utf8');
  } catch (error) {
    stderr.write(`The file cannot be read: ${describe(error)}\n`);
    return 1;
  }
  return runScript(session, { script, name: path, stderr });
}

interface Script {
  readonly script: string;
  /** For error messages. */
  readonly name: string;
  readonly stderr: NodeJS.WritableStream;
}

async function runScript(session: SqlSession, { script, name, stderr }: Script): Promise<number> {
  const { statements, rest, restLine } = scan(script);
  // The last statement of a file may lack its semicolon.
  const all = rest === '' ? statements : [...statements, { text: rest, line: restLine, isMeta: false }];
  for (const statement of all) {
    const outcome = await session.run(statement);
    if (outcome === 'quit') return 0;
    if (outcome) continue;
    stderr.write(`${name}:${statement.line}: stopped here\n`);
    return session.isLost ? 2 : 3;
  }
  return 0;
}

/** A refused connection to a name with several addresses is an AggregateError, whose own message is empty. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return messageOf(error);
}
