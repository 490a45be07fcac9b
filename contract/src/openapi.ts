import type { TSchema } from 'typebox';
import { ErrorBody, errorKinds } from './errors.ts';
import type { Operation } from './operation.ts';
import { errorDefinition } from './registry.ts';

type Json = Record<string, unknown>;

/** Draws the OpenAPI 3.1 document from the operations. Schemas with a title become components. */
export function openApi(list: readonly Operation[], info: { version: string; serverUrl: string }): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const o of list) {
    const path = o.path.replace(/:([A-Za-z0-9]+)/g, '{$1}');
    paths[path] = { ...paths[path], [o.method.toLowerCase()]: describe(o, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Souk',
      version: info.version,
      description: 'The API of a self-hosted marketplace for machine-learning products.',
    },
    servers: [{ url: info.serverUrl }],
    security: [{ apiKey: [] }, { session: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, souk_...' },
        session: { type: 'apiKey', in: 'cookie', name: 'souk_session' },
      },
    },
  };
}

function describe(o: Operation, components: Json): Json {
  const body = o.bodyType
    ? { required: true, content: { [o.bodyType]: { schema: { type: 'string', format: 'binary' } } } }
    : o.body && { required: true, content: { 'application/json': { schema: named(o.body, components) } } };
  const codes = ['request.invalid', 'request.unauthenticated', 'request.forbidden', ...o.errors] as const;
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const definition = errorDefinition(code);
    const status = definition.status ?? errorKinds[definition.kind].status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const errors = Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, list]) => [
        String(status),
        {
          description: list.map((c) => `\`${c}\``).join(', '),
          content: { 'application/json': { schema: named(ErrorBody, components) } },
        },
      ]),
  );
  const answer = o.output
    ? { description: 'Done', content: { 'application/json': { schema: named(o.output, components) } } }
    : o.outputType
      ? { description: 'Done', content: { [o.outputType]: { schema: { type: 'string' } } } }
      : { description: 'Done' };
  return {
    operationId: o.id,
    summary: o.summary,
    tags: [o.tag],
    parameters: [
      ...parametersOf(o.params, 'path', components),
      ...parametersOf(o.query, 'query', components),
    ],
    ...(body ? { requestBody: body } : {}),
    responses: { [String(o.status ?? 200)]: answer, ...errors },
  };
}

function parametersOf(schema: TSchema | undefined, where: 'path' | 'query', components: Json): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, TSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, s]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: named(s, components),
  }));
}

/** Replaces every titled schema by a reference to its component. */
function named(schema: unknown, components: Json): unknown {
  if (Array.isArray(schema)) return schema.map((s) => named(s, components));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { title, ...rest } = schema as { title?: unknown };
  const walk = (part: object) =>
    Object.fromEntries(Object.entries(part).map(([k, v]) => [k, named(v, components)]));
  // A property may itself be called title: then its value is a schema, not a name.
  if (typeof title !== 'string') return walk(schema);
  if (!(title in components)) {
    components[title] = {};
    components[title] = walk(rest);
  }
  return { $ref: `#/components/schemas/${title}` };
}
