/** @jsxImportSource preact */
// One JSON Schema as a table: a row per field, fields of fields by their path.
import type { VNode } from 'preact';
import type { JsonSchema } from './json-schema.ts';

interface Row {
  name: string;
  schema: JsonSchema;
  isRequired: boolean;
}

export function Shape({ schema, label }: { schema: JsonSchema; label: string }): VNode {
  const rows = rowsOf(schema);
  if (rows.length === 0) return <p>{typeOf(schema)}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section class="scroll shape" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">Rules</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, schema: field, isRequired }) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              <td>{typeOf(field)}</td>
              <td class="soft">{[isRequired ? 'required' : '', ...rulesOf(field)].filter(Boolean).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function rowsOf(schema: JsonSchema, prefix = ''): Row[] {
  const { properties = {}, required = [], items, anyOf } = schema;
  if (items && !items.$ref && prefix === '' && schema.type === 'array') return rowsOf(items, '[].');
  if (anyOf && !schema.properties) return anyOf.flatMap((one) => rowsOf(one, prefix));
  return Object.entries(properties).flatMap(([name, field]) => {
    const inner = field.type === 'array' ? field.items : notNull(field);
    const path = field.type === 'array' ? `${prefix}${name}[].` : `${prefix}${name}.`;
    const row: Row = { name: `${prefix}${name}`, schema: field, isRequired: required.includes(name) };
    return [row, ...(inner?.properties ? rowsOf(inner, path) : [])];
  });
}

function notNull(schema: JsonSchema): JsonSchema {
  return schema.anyOf?.find(({ type }) => type === 'object') ?? schema;
}

function typeOf(schema: JsonSchema): VNode | string {
  const { $ref, anyOf, oneOf, items, prefixItems, enum: values, type } = schema;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    return <a href={`#${name}`}>{name}</a>;
  }
  const choices = anyOf ?? oneOf;
  if (choices) return joined(choices.map(typeOf), ' or ');
  if (values)
    return joined(
      values.map((value) => <code key={String(value)}>{String(value)}</code>),
      ' · ',
    );
  if (schema.const !== undefined) return <code>{String(schema.const)}</code>;
  if (prefixItems) return joined(['[', joined(prefixItems.map(typeOf), ', '), ']'], '');
  if (type === 'array') return joined(['list of ', items ? typeOf(items) : 'anything'], '');
  if (type === undefined) return 'anything';
  return [type].flat().join(' or ');
}

function joined(parts: (VNode | string)[], between: string): VNode {
  return <>{parts.flatMap((part, index) => (index === 0 ? [part] : [between, part]))}</>;
}

function rulesOf(schema: JsonSchema): string[] {
  const inner = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, format } = inner;
  const isId = minimum === undefined && maximum === 2_147_483_647;
  return [
    schema.default === undefined ? '' : `${String(schema.default)} if left out`,
    isId || (minimum === undefined && maximum === undefined) ? '' : range(minimum, maximum, ''),
    minLength === undefined && maxLength === undefined ? '' : range(minLength, maxLength, ' characters'),
    minItems === undefined && maxItems === undefined ? '' : range(minItems, maxItems, ' items'),
    format ?? '',
  ].filter(Boolean);
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  const told = (value: number) => value.toLocaleString('en');
  if (most === undefined || most === 2_147_483_647) return `at least ${told(least ?? 0)}${unit}`;
  return least === undefined || least === 0 ? `at most ${told(most)}${unit}` : `${told(least)} to ${told(most)}${unit}`;
}
