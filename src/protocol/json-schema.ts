// JSON Schema of what crosses a border, for the documents and the protocol lock: with what zod cannot know of the fields
// that are checked by functions of our own.
import * as z from 'zod/mini';
import { asOf, cursor, cursorForm } from './cursor.ts';
import { id, int } from './fields.ts';

const whole = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
const own = new Map<z.core.$ZodType, object>([
  [int, whole],
  [id, whole],
  [cursor, { pattern: cursorForm.source }],
  [asOf, { minItems: 2, maxItems: 2 }],
]);

export function toJsonSchema(schema: z.core.$ZodType, { io }: { io: 'input' | 'output' }): object {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => Object.assign(jsonSchema, own.get(zodSchema)),
  });
}
