// From the schemas that the server parses with to JSON Schema: the documents cannot say anything else than what holds.
import * as z from 'zod/mini';
import { employee } from '../../protocol/employee.ts';
import { problem } from '../../protocol/errors.ts';
import { change } from '../../protocol/feed.ts';
import { feedReport } from '../../protocol/feed-report.ts';
import { linkedImage, taskImage } from '../../protocol/image.ts';
import { toJsonSchema } from '../../protocol/json-schema.ts';
import { link, linkedSystem, linkPage, linkState } from '../../protocol/link.ts';
import { system } from '../../protocol/system.ts';
import { listedTask, task, taskChange } from '../../protocol/task.ts';
import type { Schema } from './operation.ts';

export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  $defs?: Record<string, JsonSchema>;
}

const named: Record<string, Schema> = {
  Task: task,
  ListedTask: listedTask,
  TaskChange: taskChange,
  TaskImage: taskImage,
  System: system,
  Employee: employee,
  Link: link,
  LinkPage: linkPage,
  LinkState: linkState,
  LinkedSystem: linkedSystem,
  LinkedImage: linkedImage,
  Change: change,
  FeedReport: feedReport,
  Problem: problem,
};

for (const [id, schema] of Object.entries(named)) z.globalRegistry.add(schema, { id });

/** Collects the named schemas that others refer to, for `components.schemas`. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  /** What a client sends: strict, and what has a default may be left out. */
  input(schema: Schema): JsonSchema {
    return this.#convert(schema, (object) => {
      const { properties = {}, required = [] } = object;
      const needed = required.filter((name) => properties[name]?.default === undefined);
      return { ...object, required: needed };
    });
  }

  /** What the server sends. Clients should not mind fields that they do not know. */
  output(schema: Schema): JsonSchema {
    return this.#convert(schema, ({ additionalProperties, ...object }) =>
      typeof additionalProperties === 'object' ? { ...object, additionalProperties } : object,
    );
  }

  // In both directions the side behind transformations is shown: what is meant, not the text that carries it.
  #convert(schema: Schema, change: (object: JsonSchema) => JsonSchema): JsonSchema {
    const { $defs = {}, ...root } = toJsonSchema(schema, { io: 'output' }) as JsonSchema & {
      $schema?: string;
    };
    delete root.$schema;
    for (const [name, definition] of Object.entries($defs)) this.schemas[name] ??= tidy(definition, change);
    return tidy(root, change);
  }
}

const int32 = 2_147_483_647;

/** Without what says nothing: the bounds of safe integers, empty lists, ids of definitions. */
function tidy(schema: JsonSchema, change: (object: JsonSchema) => JsonSchema): JsonSchema {
  const { $ref, id: _, ...rest } = schema as JsonSchema & { id?: unknown };
  if ($ref !== undefined) return { $ref: $ref.replace('#/$defs/', '#/components/schemas/') };
  const walk = (inner: JsonSchema) => tidy(inner, change);
  const walkAll = (all: Record<string, JsonSchema>) =>
    Object.fromEntries(Object.entries(all).map(([name, inner]) => [name, walk(inner)]));
  const { minimum = 0, maximum = 0 } = rest;
  const result: JsonSchema = {
    ...rest,
    ...(rest.properties ? { properties: walkAll(rest.properties) } : {}),
    ...(rest.items ? { items: walk(rest.items) } : {}),
    ...(rest.prefixItems ? { prefixItems: rest.prefixItems.map(walk) } : {}),
    ...(rest.anyOf ? { anyOf: rest.anyOf.map(walk) } : {}),
    ...(rest.oneOf ? { oneOf: rest.oneOf.map(walk) } : {}),
    ...(typeof rest.additionalProperties === 'object' ? { additionalProperties: walk(rest.additionalProperties) } : {}),
  };
  if (minimum < -int32) delete result.minimum;
  if (maximum > int32) delete result.maximum;
  const changed = result.type === 'object' ? change(result) : result;
  if (changed.required?.length === 0) delete changed.required;
  return changed;
}
