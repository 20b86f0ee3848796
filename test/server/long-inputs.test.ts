// No expression and no schema of the server may take a time that grows with the square of what is sent, or worse. What
// is linear reads these texts in milliseconds; the square takes a minute, and is ended after seconds.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from '@swc/core';
import type * as z from 'zod/mini';
import * as cursors from '../../src/protocol/cursor.ts';
import * as feed from '../../src/protocol/feed.ts';
import * as http from '../../src/protocol/http.ts';
import * as images from '../../src/protocol/image.ts';
import * as managers from '../../src/protocol/manager.ts';
import * as writes from '../../src/protocol/writes.ts';
import { addressKey, isLoopback } from '../../src/server/address.ts';
import { isOwnOrigin } from '../../src/server/origin.ts';
import { cookieName, cookieOf } from '../../src/server/session.ts';
import { isToken } from '../../src/tasks/link-token.ts';
import { contactParts, dialable } from '../../src/view/model.ts';

const length = 300_000;
const pumps = [
  'a',
  '0',
  ' ',
  '\t',
  '\n',
  '/',
  '-',
  '.',
  '@',
  '%',
  ':',
  ',',
  '"',
  '<',
  '{',
  '\\',
  '+',
  '=',
  'a.',
  'a@',
  '0,',
  '-a',
  '2 ',
  '@a.',
];
const texts = pumps.flatMap((pump) => [pump.repeat(length / pump.length), `${pump.repeat(length / pump.length)}\0!`]);

const place = createContext({ work: () => {} });
const run = new Script('work()');

/** Whether the work ends within this time; ends it if it does not, also within an expression. */
function ends(work: () => unknown, ms: number): boolean {
  try {
    place['work'] = work;
    run.runInContext(place, { timeout: ms });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}

/** The first text that takes longer than this; what is linear takes milliseconds for each. */
function slowest(read: (text: string) => unknown, head = '', ms = 8_000): string | undefined {
  const slow = texts.find((text) => !ends(() => read(`${head}${text}`), ms));
  return slow === undefined ? undefined : `${head}${slow.slice(0, 10)}… ${JSON.stringify(slow.slice(-2))}`;
}

function expressions(): [place: string, RegExp][] {
  const found = new Map<string, [string, RegExp]>();
  const folders = ['feed', 'postgres', 'protocol', 'server', 'tasks', 'view'].map((name) => join('src', name));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  for (const file of ['src/config.ts', 'src/logger.ts', ...files].filter((name) => /\.tsx?$/.test(name))) {
    const tree = parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', tsx: file.endsWith('x') });
    JSON.stringify(tree, (_, node) => {
      if (node?.type === 'RegExpLiteral')
        found.set(`/${node.pattern}/${node.flags}`, [file, new RegExp(node.pattern, node.flags)]);
      return node;
    });
  }
  return [...found.values()];
}

/** Every string with rules in the schema, every transformation and every pipe as a whole. */
function leaves(schema: z.core.$ZodType, found = new Set<z.core.$ZodType>()): Set<z.core.$ZodType> {
  type Parts = { innerType?: z.core.$ZodType; element?: z.core.$ZodType; in?: z.core.$ZodType; out?: z.core.$ZodType };
  const def = schema._zod.def as Parts & {
    type: string;
    checks?: unknown[];
    options?: z.core.$ZodType[];
    shape?: Record<string, z.core.$ZodType>;
  };
  const parts = [
    def.innerType,
    def.element,
    def.in,
    def.out,
    ...(def.options ?? []),
    ...Object.values(def.shape ?? {}),
  ];
  const inner = parts.filter((part) => part !== undefined);
  if (['pipe', 'transform'].includes(def.type) || (def.type === 'string' && def.checks)) found.add(schema);
  for (const part of inner) leaves(part, found);
  return found;
}

function schemas(): z.ZodMiniType[] {
  const exported = [cursors, feed, http, images, managers, writes].flatMap((module): unknown[] =>
    Object.values(module),
  );
  const isSchema = (value: unknown): value is z.ZodMiniType =>
    typeof value === 'object' && value !== null && '_zod' in value;
  const found = new Set<z.core.$ZodType>();
  for (const schema of exported.filter(isSchema)) leaves(schema, found);
  return [...found] as z.ZodMiniType[];
}

describe('what does not end in time is found', () => {
  it.each([/^(a+)+$/, /%.*x$/, /\/+$/, /^\s*(\d+,?)*$/])('%s', (expression) => {
    expect(slowest((text) => expression.test(text), '', 1_000)).toBeDefined();
  });
});

it('no expression of the server takes long for a long text', () => {
  const all = expressions();
  expect(all.length).toBeGreaterThan(50);
  // What it begins with, so that it is not given up at the first character.
  const headOf = ({ source }: RegExp) => (/^\^?((?:[\w @:<-]|\\\/)*)/.exec(source)?.[1] ?? '').replaceAll('\\', '');
  const slow = all.flatMap(([file, expression]) =>
    [...new Set(['', headOf(expression)])].flatMap((head) => {
      const text = slowest((long) => long.replace(expression, ''), head);
      return text === undefined ? [] : [`${file}: ${expression} for ${text}`];
    }),
  );
  expect(slow).toEqual([]);
}, 240_000);

it('no schema takes long for a long text', () => {
  const all = schemas();
  expect(all.length).toBeGreaterThan(30);
  const slow = all.flatMap((schema) => slowest((text) => schema.safeParse(text)) ?? []);
  expect(slow).toEqual([]);
}, 240_000);

it.each<[string, (text: string) => unknown]>([
  ['a cursor', (text) => cursors.parseCursor(text)],
  ['the token of a link', isToken],
  ['an origin', (origin) => isOwnOrigin({ origin, host: 'x' })],
  ['cookies', (text) => cookieOf({ headers: { cookie: `${cookieName}${text}` } } as Parameters<typeof cookieOf>[0])],
  ['an address', (text) => [addressKey(text), isLoopback(text)]],
  ['whom to call', (text) => [contactParts(text), dialable(text)]],
])('%s is read in no time, however long', (_, read) => {
  expect(slowest(read)).toBeUndefined();
});
