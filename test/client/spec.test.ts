// SPEC.md names the test of every invariant; a name that is no test is found here.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');

/** What the tests beside this one promise: the names of tests, variants and suites. */
function promises(): string {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'spec.test.ts');
  return files
    .flatMap((name) => [...read(name).matchAll(/'((?:[^'\\\n]|\\.)+)'|"([^"\n]+)"/g)].map(([text]) => text))
    .join('\n');
}

/** Rows of the table of invariants: number, what holds, tests. */
function invariants(spec: string): string[][] {
  const rows = spec.split('\n').filter((line) => /^\| \d+ \|/.test(line));
  return rows.map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

/** Names in italics that are in no test, and invariants without any. */
function missing(spec: string, told: string): string[] {
  return invariants(spec).flatMap(([number = '', , tests = '']) => {
    const names = [...tests.matchAll(/\*([^*]+)\*/g)].map(([, name = '']) => name);
    if (names.length === 0) return [`${number}: names no test`];
    return names.filter((name) => !told.includes(name)).map((name) => `${number}: ${name}`);
  });
}

it('every invariant of SPEC.md names its tests, and they exist', () => {
  const spec = read('../../src/client/SPEC.md');
  const told = promises();
  const planted = '| 98 | Nothing. | T *does what no test does* |\n| 99 | Nothing. | P |';
  expect(missing(planted, told)).toEqual(['98: does what no test does', '99: names no test']);
  expect(invariants(spec).map(([number]) => Number(number))).toEqual([...Array(15).keys()].map((index) => index + 1));
  expect(missing(spec, told)).toEqual([]);
});

it('every state and every event of the machine is in SPEC.md, and no other', () => {
  const spec = read('../../src/client/SPEC.md');
  const code = read('../../src/client/line-state.ts');
  const states = [...(/type Phase = ([^;]+);/.exec(code)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name);
  const events = [...(/interface LineEvents \{([\s\S]+?)\n\}/.exec(code)?.[1] ?? '').matchAll(/^ {2}(\w+):/gm)].map(
    ([, name]) => name,
  );
  const [, told = ''] = spec.split('## States');
  const stateRows = [...(told.split('## Events')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  const eventNames = [...(/## Events\n\n([\s\S]+?)\n\n/.exec(spec)?.[1] ?? '').matchAll(/`(\w+)`/g)].map(
    ([, name]) => name,
  );
  expect(stateRows.sort()).toEqual(states.sort());
  for (const name of events) expect(eventNames).toContain(name);
  expect(events.length).toBeGreaterThan(10);
});
