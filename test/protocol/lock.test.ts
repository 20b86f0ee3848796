// The protocol lock: what goes over the wire may not change under a version that somebody speaks already.
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { cursor } from '../../src/protocol/cursor.ts';
import * as feed from '../../src/protocol/feed.ts';
import { int } from '../../src/protocol/fields.ts';
import { toJsonSchema } from '../../src/protocol/json-schema.ts';
import { linkPage } from '../../src/protocol/link.ts';
import { listedTask } from '../../src/protocol/task.ts';

/** What each version of the protocol looks like. An entry of a released version is never edited; 1 is not released yet. */
const locked: Record<number, string> = {
  1: 'b23459d7b70f262306848881114a1374',
};

const words = new Set(['$schema', 'title', 'description', 'examples', 'id']);

/** Every message of the feed, and the rows that lists and a link's page carry, by name. */
function messages(): Map<string, z.core.$ZodType> {
  const found = Object.entries(feed).filter(
    (entry): entry is [string, z.core.$ZodType & (typeof entry)[1]] =>
      typeof entry[1] === 'object' && entry[1] !== null && '_zod' in entry[1],
  );
  return new Map<string, z.core.$ZodType>([...found, ['linkPage', linkPage], ['listedTask', listedTask]]);
}

function shapeOf(schemas: ReadonlyMap<string, z.core.$ZodType>): string {
  const shapes = [...schemas]
    .map(([name, schema]) => [name, inOrder(toJsonSchema(schema, { io: 'input' }))])
    .sort(([a], [b]) => String(a).localeCompare(String(b)));
  return createHash('sha256').update(JSON.stringify(shapes)).digest('hex').slice(0, 32);
}

// The same shape in the same order, and without the words about it.
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).filter((name) => !words.has(name) || typeof Reflect.get(value, name) === 'object');
  return names.sort().map((name) => [name, inOrder(Reflect.get(value, name))]);
}

describe('the messages of the feed', () => {
  it('are those of the protocol version that they go by', () => {
    const version = feed.protocolVersion;
    const shape = shapeOf(messages());
    if (locked[version] === shape) return;
    throw new Error(
      locked[version] === undefined
        ? `Protocol version ${version} is new: lock it in this file with ${version}: '${shape}'.`
        : `The wire messages differ from what version ${version} is locked to. Raise protocolVersion in src/protocol/feed.ts, say in docs/protocol.md what changed, and lock it in this file with ${version + 1}: '${shape}'.`,
    );
  });

  it('are found, all that cross the wire', () => {
    const names = [
      'handshake',
      'feedBatch',
      'feedReady',
      'feedReset',
      'feedPulse',
      'feedEnd',
      'feedResume',
      'connectError',
    ];
    expect([...messages().keys()]).toEqual(expect.arrayContaining([...names, 'taskEvent', 'linkTaskEvent', 'change']));
  });

  it.each<[string, z.core.$ZodType]>([
    ['a field more', z.object({ cursor: z.optional(cursor), more: z.string() })],
    ['a field less', z.object({})],
    ['a field that is required now', z.object({ cursor })],
    ['a field of another kind', z.object({ cursor: z.optional(int) })],
  ])('do not pass with %s', (_what, changed) => {
    const same = z.object({ cursor: z.optional(cursor) });
    const with_ = (schema: z.core.$ZodType) => shapeOf(new Map([...messages(), ['feedReady', schema]]));
    expect(with_(changed)).not.toBe(with_(same));
  });
});
