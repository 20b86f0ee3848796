import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runSql, type SqlOptions } from '../../src/cli/sql.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { eventually } from '../support/eventually.ts';

let folder: string;
let server: EmbeddedServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskfeed-sql-'));
  chmodSync(folder, 0o755);
  server = await startEmbedded({ dataDir: join(folder, 'postgres'), initSync: false, settings: { fsync: 'off' } });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const collect = () => {
  const stream = new PassThrough();
  const seen = { text: '' };
  stream.on('data', (chunk: Buffer) => {
    seen.text += chunk.toString('utf8');
  });
  return { stream, seen };
};

/** Runs the built-in one to its end. */
const run = async (options: Partial<SqlOptions> & { script?: string }) => {
  const [out, err] = [collect(), collect()];
  const stdin = new PassThrough();
  stdin.end(options.script ?? '');
  const { stream: stdout } = out;
  const code = await runSql({ url: server.ownerUrl, stdin, stdout, stderr: err.stream, ...options });
  return { code, out: out.seen.text, err: err.seen.text };
};

describe('taskfeed sql, the built-in prompt without a terminal', () => {
  it('runs one command and prints it as psql does', async () => {
    const command = `select 1 as id, 'Boiler' as title, null as note union all select 20, E'two\\nlines', 'x' order by 1`;
    const { code, out, err } = await run({ command });
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toBe(
      [
        ' id | title  | note ',
        '----+--------+------',
        '  1 | Boiler | ',
        ' 20 | two   +| x',
        '    | lines  | ',
        '(2 rows)',
        '',
        '',
      ].join('\n'),
    );
  });

  it('prints command tags, and both table and tag for RETURNING', async () => {
    const script = `create table things (id int primary key, title text);
      insert into things values (1, 'a'), (2, 'b') returning id; update things set title = 'c' where id = 1;
      delete from things;`;
    const { code, out } = await run({ script });
    expect(code).toBe(0);
    expect(out).toBe('CREATE TABLE\n id \n----\n  1\n  2\n(2 rows)\n\nINSERT 0 2\nUPDATE 1\nDELETE 2\n');
  });

  it('shows where an error is, what else the server says, and leaves with 1', async () => {
    const { code, out, err } = await run({ command: 'select 1\n  as one,\n  nonsense from pg_class' });
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('ERROR:  column "nonsense" does not exist\nLINE 3:   nonsense from pg_class\n          ^\n');

    const text = `do $$ begin raise exception 'no' using detail = 'because', hint = 'do not'; end $$`;
    expect((await run({ command: text })).err).toMatch(
      /^ERROR: {2}no\nDETAIL: {2}because\nHINT: {2}do not\nCONTEXT: {2}PL\/pgSQL function inline_code_block line 1 at RAISE\n$/,
    );
  });

  it('stops a script at its first error, names the line, and leaves with 3', async () => {
    const { code, out, err } = await run({ script: 'select 1 as one;\n\nselect * from nowhere;\nselect 2 as two;' });
    expect(code).toBe(3);
    expect(out).toContain('one');
    expect(out).not.toContain('two');
    expect(err).toContain('ERROR:  relation "nowhere" does not exist');
    expect(err).toContain('<stdin>:3: stopped here');
  });

  it('runs a file, whose last statement needs no semicolon, and says which file cannot be read', async () => {
    const file = join(folder, 'script.sql');
    await writeFile(file, 'select 1 as one;\nselect 2 as two -- the last\n');
    const { code, out } = await run({ file, command: 'select 0 as zero' });
    expect([code, [...out.matchAll(/zero|one|two/g)].join(' ')]).toEqual([0, 'zero one two']);
    const missing = await run({ file: join(folder, 'missing.sql') });
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringMatching(/^The file cannot be read: ENOENT.*missing\.sql/),
    ]);
  });

  it('does not end a statement inside strings, comments, brackets and function bodies', async () => {
    const script = `select 'a;b' as "c;d", E'\\';' as e, $$x;y$$ as f, $tag$ $$; $tag$ as g -- ;
        /* ; /* ; */ ; */ , 1 as h;
      create function twice(n int) returns int begin atomic
        select case when n > 0 then 2 * n else 0 end;
      end;
      select twice(21) as answer; -- the end;
      /* nothing; */`;
    const { code, out, err } = await run({ script });
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(' c;d | e  |  f  |   g   | h ');
    expect(out).toContain('CREATE FUNCTION');
    expect(out).toContain(' answer \n--------\n     42\n(1 row)');
  });

  it('shows notices, lists tables, and ends a script at \\q', async () => {
    const script = `create schema other; create table other.listed (id int);
      do $$ begin raise notice 'listen'; end $$;
      \\dt
      \\nonsense`;
    const { code, out, err } = await run({ script });
    expect(code).toBe(3);
    expect(out).toMatch(/ Schema \| +Name +\| Type {2}\| {2}Owner {3}\n/);
    expect(out).toMatch(/ other {2}\| listed \| table \| taskfeed\n/);
    expect(err).toMatch(/^NOTICE: {2}listen\n/);
    expect(err).toContain('invalid command \\nonsense\nTry \\? for help.');
    expect((await run({ script: 'select 1 as one;\n\\q\nnonsense;' })).code).toBe(0);
    expect((await run({ script: '\\?' })).out).toContain('\\dt');
  });

  it('is seen as "taskfeed sql" by the server', async () => {
    expect((await run({ command: `show application_name` })).out).toContain(' taskfeed sql\n');
  });

  it('lines up what is wider or narrower than its letters', async () => {
    const { out } = await run({ command: `select '水管' as w, 'שָׁלוֹם' as h, 1 as n` });
    expect(out.split('\n').slice(0, 3)).toEqual(['  w   |  h   | n ', '------+------+---', ' 水管 | שָׁלוֹם | 1']);
  });

  it('leaves with 2 when there is no server', async () => {
    const { code, err } = await run({ url: 'postgresql://taskfeed:x@127.0.0.1:1/taskfeed', command: 'select 1' });
    expect([code, err]).toEqual([2, expect.stringMatching(/^No connection to the database: .*ECONNREFUSED/)]);
  });
});

describe('taskfeed sql, the built-in prompt in a terminal', () => {
  /** A terminal that is written to and read like a person does. */
  const open = (options: Partial<SqlOptions> = {}) => {
    const [out, err] = [collect(), collect()];
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    const historyFile = join(folder, 'history');
    const { stream: stdout } = out;
    const code = runSql({ url: server.ownerUrl, stdin, stdout, stderr: err.stream, historyFile, ...options });
    // What was seen is not looked at again.
    let read = 0;
    const seen = (what: string) =>
      eventually(`the terminal to show ${what}`, () => {
        const at = out.seen.text.indexOf(what, read);
        if (at < 0) return undefined;
        read = at + what.length;
        return true;
      });
    return { code, seen, type: (text: string) => stdin.write(text), err: err.seen };
  };

  it('asks, takes statements of several lines, goes on after an error, and leaves at Ctrl-D', async () => {
    const terminal = open();
    await terminal.seen('taskfeed=# ');
    terminal.type('select 6\n');
    await terminal.seen('taskfeed-# ');
    terminal.type('* 7 as answer; nonsense;\n');
    await terminal.seen('     42\n(1 row)');
    await eventually('the error', () => terminal.err.text.includes('ERROR:  syntax error at or near "nonsense"'));
    await terminal.seen('taskfeed=# ');
    terminal.type('\\dt\n');
    await terminal.seen('Owner');
    await terminal.seen('taskfeed=# ');
    terminal.type('\x04');
    expect(await terminal.code).toBe(0);
  });

  it('drops what was typed at Ctrl-C, and leaves at \\q', async () => {
    const terminal = open();
    await terminal.seen('taskfeed=# ');
    terminal.type('drop everything\n');
    await terminal.seen('taskfeed-# ');
    terminal.type('immedi\x03');
    await terminal.seen('taskfeed=# ');
    terminal.type('select 5 as five;\n');
    await terminal.seen('    5\n(1 row)');
    expect(terminal.err.text).toBe('');
    terminal.type('\\q\n');
    expect(await terminal.code).toBe(0);
  });

  it('cancels the statement that runs at Ctrl-C, and goes on', async () => {
    const terminal = open();
    await terminal.seen('taskfeed=# ');
    terminal.type('select pg_sleep(1000);\n');
    const running = `select count(*)::int as n from pg_stat_activity where query like 'select pg_sleep(1000)%'`;
    await eventually('the statement to run', async () => (await run({ command: running })).out.includes(' 1\n'));
    terminal.type('\x03');
    await eventually('the cancel', () => terminal.err.text.includes('canceling statement due to user request'));
    await terminal.seen('taskfeed=# ');
    terminal.type('\x04');
    expect(await terminal.code).toBe(0);
  });

  it('remembers what was typed, in a file for its owner alone', async () => {
    const terminal = open();
    await terminal.seen('taskfeed=# ');
    terminal.type("select 'remember me' as x;\n");
    await terminal.seen('(1 row)');
    await terminal.seen('taskfeed=# ');
    terminal.type('\x04');
    await terminal.code;
    const historyFile = join(folder, 'history');
    expect(await readFile(historyFile, 'utf8')).toMatch(/^select 'remember me' as x;\n/);
    expect((await stat(historyFile)).mode & 0o777).toBe(0o600);
    const again = open();
    await again.seen('taskfeed=# ');
    again.type('\x1b[A\n');
    await again.seen('remember me\n(1 row)');
    again.type('\x04');
    await again.code;
  });

  it('leaves with 2 when the server ends the session', async () => {
    const terminal = open();
    await terminal.seen('taskfeed=# ');
    terminal.type('select pg_terminate_backend(pg_backend_pid());\n');
    expect(await terminal.code).toBe(2);
    expect(terminal.err.text).toContain('terminating connection due to administrator command');
  });
});

describe('taskfeed sql with psql', () => {
  const script = `
    import { runSql } from ${JSON.stringify(fileURLToPath(new URL('../../src/cli/sql.ts', import.meta.url)))};
    const { stdin, stdout, stderr } = process;
    process.exitCode = await runSql({ stdin, stdout, stderr, ...JSON.parse(process.env.SQL_OPTIONS) });`;
  const runProcess = async (options: Partial<SqlOptions>, path: string) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: path, SQL_OPTIONS: JSON.stringify({ url: server.ownerUrl, ...options }) },
    });
    const [out, err] = [collect(), collect()];
    child.stdout.pipe(out.stream);
    child.stderr.pipe(err.stream);
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { code, out: out.seen.text, err: err.seen.text };
  };

  it('hands over to it, with the password in the environment and not among the arguments', async () => {
    const fake = join(folder, 'psql');
    await writeFile(fake, '#!/bin/sh\necho "args: $*"\necho "password: $PGPASSWORD"\nexit 3\n');
    await chmod(fake, 0o755);
    const { code, out } = await runProcess({ command: 'select 1' }, `${folder}${delimiter}${process.env['PATH']}`);
    const { password, port } = new URL(server.ownerUrl);
    expect(code).toBe(3);
    expect(out).toBe(
      `args: -d postgresql://taskfeed@127.0.0.1:${port}/taskfeed -v ON_ERROR_STOP=1 -c select 1\npassword: ${password}\n`,
    );
  });

  it('uses the built-in prompt where there is none', async () => {
    const { code, out, err } = await runProcess({ command: 'select 7 as seven' }, '/nonexistent');
    expect([code, out, err]).toEqual([0, ' seven \n-------\n     7\n(1 row)\n\n', '']);
  });
});
