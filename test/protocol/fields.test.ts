// The small parts that messages are made of refuse what they are not, though they are checked by functions of our own.
import { expect, it } from '@jest/globals';
import { asOf, cursor } from '../../src/protocol/cursor.ts';
import { id, int } from '../../src/protocol/fields.ts';
import { toJsonSchema } from '../../src/protocol/json-schema.ts';

const epoch = '0b7f3a52-5d1c-4a1e-9a55-2f6f0d9c1e11';

it.each([
  ['a whole number', int, [0, -7, 2 ** 53 - 1], [0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '1', null]],
  ['an id', id, [1, -7, 2_147_483_647], [0.5, '1', null]],
  ['a cursor', cursor, [`${epoch}.7:7:`, `${epoch}.7:9:7,8`], ['', '7:7:', `${epoch}.`, `${epoch}.7:7:x`, 7]],
  ['an as_of', asOf, [[7, 0]], [[], [7], [7, 0, 0], ['7', '0'], '7,0']],
] as const)('%s is taken, and nothing else', (_what, schema, good, bad) => {
  expect(good.map((value) => schema.safeParse(value).success)).toEqual(good.map(() => true));
  expect(bad.map((value) => schema.safeParse(value).success)).toEqual(bad.map(() => false));
});

it('the documents say of them what holds', () => {
  const shape = (schema: typeof id | typeof cursor | typeof asOf) => toJsonSchema(schema, { io: 'input' });
  expect(shape(int)).toMatchObject({ type: 'integer', maximum: 2 ** 53 - 1 });
  expect(shape(id)).toMatchObject({ type: 'integer', maximum: 2 ** 53 - 1 });
  expect(shape(asOf)).toMatchObject({ type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 });
  const { pattern } = shape(cursor) as { pattern: string };
  expect([`${epoch}.7:7:`, '7:7:'].map((text) => new RegExp(pattern).test(text))).toEqual([true, false]);
});
