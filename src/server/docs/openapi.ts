// The HTTP API as an OpenAPI 3.1 document.
import { type ProblemCode, problem, problems } from '../../protocol/errors.ts';
import { idempotencyKey } from '../../protocol/http.ts';
import { imageLimits } from '../../protocol/image.ts';
import { Components, type JsonSchema } from './json-schema.ts';
import { type Answer, type Operation, problemsOf } from './operation.ts';
import { groups } from './operations.ts';

/** Built once: it depends on nothing but the code. */
export function createOpenapi() {
  const components = new Components();
  const problemSchema = components.output(problem);
  components.schemas['Problem'] ??= problemSchema;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const group of groups) {
    for (const operation of group.operations) {
      const path = braced(operation.path);
      paths[path] = { ...paths[path], [operation.method]: describe(operation, group.title, components) };
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Taskfeed',
      version: '1',
      summary: 'A maintenance board on plain PostgreSQL whose every screen equals the database.',
      description:
        'JSON over HTTP. Every error is a problem document (RFC 9457) with a stable code. Changes are told by the feed: see the AsyncAPI document.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: groups.map(({ title, about }) => ({ name: title, description: about })),
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'taskfeed_session',
          description: 'The cookie of a signed-in browser.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'An API token, from taskfeed token create.' },
      },
    },
  };
}

/** `/api/tasks/{id}` */
export function braced(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function describe(operation: Operation, tag: string, components: Components): Record<string, unknown> {
  const { id, summary, notes, who, body, isUpload, example } = operation;
  const isOpen = who === 'anyone' || who === 'link';
  const json = body && {
    schema: components.input(body),
    ...(example === undefined ? {} : { example }),
  };
  const content = isUpload ? { 'multipart/form-data': files } : { 'application/json': json };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(notes === undefined ? {} : { description: notes }),
    parameters: parameters(operation, components),
    ...(json || isUpload ? { requestBody: { required: isUpload ?? !isOptional(json?.schema), content } } : {}),
    responses: { ...answers(operation.answers, components), ...refusals(operation) },
    security: isOpen ? [] : [{ session: [] }, { token: [] }, ...(who === 'local' ? [{}] : [])],
  };
}

const files = {
  schema: {
    type: 'object',
    required: ['images'],
    properties: {
      images: {
        type: 'array',
        minItems: 1,
        maxItems: imageLimits.filesPerRequest,
        items: { type: 'string', format: 'binary' },
      },
    },
  },
};

function isOptional(schema: JsonSchema | undefined): boolean {
  return schema?.type === 'object' && schema.required === undefined;
}

function parameters({ path, query, isOnce }: Operation, components: Components): unknown[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'token' ? { type: 'string' } : { type: 'integer' },
  }));
  const { properties = {}, required = [] } = query ? components.input(query) : {};
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  const key = { name: 'Idempotency-Key', in: 'header', required: false, schema: components.input(idempotencyKey) };
  return [...inPath, ...inQuery, ...(isOnce ? [key] : [])];
}

function answers(all: Answer[], components: Components): Record<string, unknown> {
  return Object.fromEntries(
    all.map(({ status, what, body }) => {
      if (body === undefined) return [status, { description: what }];
      const content =
        typeof body === 'string' ? { [body]: {} } : { 'application/json': { schema: components.output(body) } };
      return [status, { description: what, content }];
    }),
  );
}

function refusals(operation: Operation): Record<string, unknown> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(operation)) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `${code}: ${problems[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}
