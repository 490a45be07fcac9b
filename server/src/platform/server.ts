import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type ErrorBody, type ErrorCode, errorAnchor, errorKinds, type Operation } from '@souk/contract';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Authorizer, Caller } from './authorize.ts';
import { holdsNul, isUnavailable } from './db.ts';
import { SoukError } from './errors.ts';
import type { Route } from './http.ts';
import { forbidden, holdToPlace, type PlaceOf } from './limited-keys.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface ServerOptions {
  readonly routes: readonly Route[];
  readonly authorizer: Authorizer;
  /** Where a path leads, for policies that ask. */
  readonly placeOf: PlaceOf;
  /** Finds out who calls, from cookie or key; throws when a credential is given but wrong. */
  readonly authenticate: (request: { headers: FastifyRequest['headers']; ip: string }) => Promise<Caller>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly bodySizeBytesMax: number;
  /** Origins whose pages may use the session cookie to change things. */
  readonly origins: readonly string[];
  /** Tests and development: every answer is held against its schema. */
  readonly checkAnswers: boolean;
}

/** The one way to a server: production and tests call the same. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // The gateway, the only one in front of us, sets x-forwarded-for and drops what a client sent there.
    trustProxy: '127.0.0.1',
    bodyLimit: options.bodySizeBytesMax,
    genReqId: (raw) => requestIdOf(raw.headers['x-request-id']),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 400, ignoreTrailingSlash: false },
  });
  const validators = newValidators();
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.setErrorHandler((error: FastifyError, request, reply) =>
    answerError(error, request, reply, options.log),
  );
  app.setNotFoundHandler((request, reply) =>
    answerError(
      new SoukError('request.unknown_route', { method: request.method, path: pathOf(request) }),
      request,
      reply,
      options.log,
    ),
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    options.metrics.request(
      request.method,
      request.routeOptions.url ?? 'unknown',
      reply.statusCode,
      reply.elapsedTime,
    );
    options.log.debug(
      {
        reqId: request.id,
        method: request.method,
        path: pathOf(request),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
  });
  endStreamsOnClose(app);
  for (const r of options.routes) addRoute(app, r, validators, options);
  return app;
}

/** A stream of events stays open for hours: closing must not wait for its reader. */
function endStreamsOnClose(app: FastifyInstance) {
  const open = new Set<FastifyReply['raw']>();
  app.addHook('onRequest', async (request, reply) => {
    if (!(request.routeOptions.config as { stream?: boolean }).stream) return;
    open.add(reply.raw);
    reply.raw.once('close', () => open.delete(reply.raw));
  });
  app.addHook('preClose', async () => {
    for (const raw of open) raw.end();
  });
}

function addRoute(app: FastifyInstance, r: Route, compile: Compile, options: ServerOptions) {
  const { operation } = r;
  const params = operation.params && compile(operation.params, 'text');
  const query = compile(operation.query ?? { type: 'object', additionalProperties: false }, 'text');
  const body = operation.body && compile(operation.body, 'json');
  const output = options.checkAnswers && operation.output ? compile(operation.output, 'json') : undefined;
  const handle = options.checkAnswers ? declaredOnly(r) : r.handle;
  app.route({
    method: operation.method,
    url: operation.path,
    config: { stream: operation.outputType === 'text/event-stream' },
    ...(r.bodySizeBytesMax ? { bodyLimit: r.bodySizeBytesMax } : {}),
    // Authorization comes before the body is read: a visitor cannot make us parse megabytes.
    onRequest: async (request) => {
      const caller = await options.authenticate(request);
      authorize(request, caller, r, options);
      const params = request.params as Record<string, string>;
      (request as { caller?: Caller }).caller = await holdToPlace(
        caller,
        r,
        params,
        options.authorizer,
        options.placeOf,
      );
      requireMediaType(request, operation.bodyType ?? 'application/json');
    },
    handler: async (request, reply) => {
      if (params) check(params(), request.params, 'params');
      check(query(), request.query, 'query');
      if (body) check(body(), request.body, 'body');
      else if (!operation.bodyType && request.body !== undefined && request.body !== null)
        refuse('the operation takes no body', 'body');
      const answer = await handle({
        caller: (request as unknown as { caller: Caller }).caller,
        params: request.params as never,
        query: request.query as never,
        body: request.body as never,
        requestId: request.id,
        ip: request.ip,
        headers: request.headers,
        reply,
        stream: operation.bodyType ? (request.body as Readable) : Readable.from([]),
      });
      if (reply.sent || reply.raw.headersSent) return reply;
      const valid = output?.();
      if (valid && !valid(answer))
        throw new Error(`${operation.id} answers what its schema does not allow: ${explain(valid.errors)}`);
      reply.code(operation.status ?? 200);
      if (answer === undefined) return reply.send();
      if (operation.output)
        reply.type('application/json; charset=utf-8').serializer((value) => JSON.stringify(value));
      return reply.send(answer);
    },
  });
}

/** Errors of any operation: of the request itself, of who sends it, of ours. */
const anywhere = /^(request|system)\.|^account\.key_(malformed|unknown|expired|revoked)$/;

/** A refusal that the contract does not name for the operation is a mistake of ours: clients were not told of it. */
const declaredOnly =
  ({ operation, handle }: Route): Route['handle'] =>
  async (input) => {
    try {
      return await handle(input);
    } catch (error) {
      if (error instanceof SoukError && !anywhere.test(error.code) && !operation.errors.includes(error.code))
        throw new Error(`${operation.id} refuses with ${error.code}, which its contract does not name`);
      throw error;
    }
  };

function authorize(request: FastifyRequest, caller: Caller, r: Route, options: ServerOptions) {
  if (!options.authorizer.may(caller, r.who.action)) {
    if (caller.kind === 'visitor') throw new SoukError('request.unauthenticated');
    throw forbidden(caller, r.who.action);
  }
  if (
    caller.via === 'session' &&
    !['GET', 'HEAD'].includes(request.method) &&
    !isOwnPage(request, options.origins)
  )
    throw new SoukError('request.cross_site');
}

/** Each operation takes one form: bytes are never parsed as JSON, nor JSON handed on as bytes. */
function requireMediaType(request: FastifyRequest, expected: string) {
  const given = request.headers['content-type'];
  if (given !== undefined && given.split(';')[0]?.trim().toLowerCase() !== expected)
    throw new SoukError('request.unsupported_media_type', { contentType: given });
}

/** A cookie is sent by the browser whoever wrote the page; a change is taken only from pages of our own. */
function isOwnPage(request: FastifyRequest, origins: readonly string[]): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin') return true;
  const { origin } = request.headers;
  if (!origin) return site === undefined;
  return (
    origins.includes(origin) ||
    origin === `http://${request.headers.host}` ||
    origin === `https://${request.headers.host}`
  );
}

type Compile = (schema: object, form: 'json' | 'text') => () => ValidateFunction;

/**
 * Bodies are taken as they are; parameters and queries are text, so numbers and booleans are read from it. A schema is compiled when it
 * is first held against something: all of them at once took half of the start.
 */
function newValidators(): Compile {
  const strict = new Ajv({ allErrors: true, strict: false, coerceTypes: false, useDefaults: true });
  const text = new Ajv({ allErrors: true, strict: false, coerceTypes: 'array', useDefaults: true });
  formats.default(strict);
  formats.default(text);
  const known = { json: new Map<object, ValidateFunction>(), text: new Map<object, ValidateFunction>() };
  return (schema, form) => () => {
    const found = known[form].get(schema);
    if (found) return found;
    const validate = (form === 'json' ? strict : text).compile(schema);
    known[form].set(schema, validate);
    return validate;
  };
}

function check(validate: ValidateFunction, value: unknown, where: string) {
  if (!validate(value)) refuse(explain(validate.errors), where, validate.errors ?? []);
}

function refuse(problem: string, where: string, errors: ErrorObject[] = []): never {
  throw new SoukError(
    'request.invalid',
    { problem },
    {
      findings: errors.slice(0, 50).map((e) => ({
        rule: 'request',
        code: `request.${e.keyword.toLowerCase()}`,
        severity: 'error' as const,
        file: null,
        pointer: `/${where}${e.instancePath}${e.keyword === 'additionalProperties' ? `/${String(e.params.additionalProperty)}` : e.keyword === 'required' ? `/${String(e.params.missingProperty)}` : ''}`,
        line: null,
        message: describe(e),
        remedy: 'Correct this field; the reference at /docs shows what it may hold.',
      })),
    },
  );
}

const explain = (errors: ErrorObject[] | null | undefined) =>
  (errors ?? []).slice(0, 3).map(describe).join('; ') || 'unreadable';

function describe(e: ErrorObject): string {
  const place = e.instancePath.slice(1).replaceAll('/', '.') || 'it';
  if (e.keyword === 'additionalProperties')
    return `${place} has the unknown field "${String(e.params.additionalProperty)}"`;
  if (e.keyword === 'required') return `${place} lacks "${String(e.params.missingProperty)}"`;
  if (e.keyword === 'enum')
    return `${place} must be one of ${(e.params.allowedValues as unknown[]).join(', ')}`;
  return `${place} ${e.message ?? 'is not valid'}`;
}

function answerError(
  error: FastifyError | SoukError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
) {
  const known = declared(error, request);
  const { kind } = known.definition;
  const level = errorKinds[kind].status >= 500 ? 'error' : 'debug';
  log[level](
    {
      reqId: request.id,
      code: known.code,
      err: kind === 'internal' ? error : undefined,
      internal: known.internal,
    },
    known.message,
  );
  const body: ErrorBody = {
    error: {
      code: known.code,
      kind,
      message: known.message,
      remedy: known.remedy,
      params: known.params,
      requestId: request.id,
      docs: `/docs/errors#${errorAnchor(known.code)}`,
      ...(known.findings ? { findings: [...known.findings] } : {}),
    },
  };
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  if (known.params.seconds !== undefined) reply.header('retry-after', String(known.params.seconds));
  reply
    .code(known.status)
    .type('application/json; charset=utf-8')
    .serializer((v: unknown) => JSON.stringify(v))
    .send(body);
}

/** What Fastify and PostgreSQL throw, as a declared error; anything else is ours and internal. */
function declared(error: FastifyError | SoukError, request: FastifyRequest): SoukError {
  if (error instanceof SoukError) return error;
  const { limit } = { limit: request.routeOptions.bodyLimit ?? 0 };
  const code = 'code' in error ? error.code : '';
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new SoukError('request.too_large', { limitBytes: limit });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new SoukError('request.unsupported_media_type', {
      contentType: String(request.headers['content-type'] ?? 'none'),
    });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new SoukError('request.invalid', { problem: error.message });
  if (holdsNul(error))
    return new SoukError('request.invalid', {
      problem: 'a text holds the character NUL, which cannot be kept',
    });
  if (isUnavailable(error))
    return new SoukError('system.unavailable', { part: 'its database' }, { internal: error.message });
  return new SoukError('system.internal' satisfies ErrorCode, {}, { internal: error });
}

const requestIdOf = (given: string | string[] | undefined) =>
  typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
const pathOf = (request: FastifyRequest) => request.url.split('?')[0] ?? '';

export type { Operation };
