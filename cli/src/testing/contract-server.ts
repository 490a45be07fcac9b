import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  type BodyOf,
  type ErrorBody,
  type ErrorCode,
  errorDefinition,
  errorKinds,
  type Finding,
  type Operation,
  type OperationId,
  type OutputOf,
  operations,
  type ParamsOf,
  type QueryOf,
} from '@souk/contract';
import type { TSchema } from 'typebox';
import Value from 'typebox/value';

type Table = typeof operations;
export interface Asked<O extends Operation> {
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: O extends { bodyType: string } ? Buffer : BodyOf<O>;
  readonly key: string | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}
export type Handlers = {
  readonly [Id in OperationId]?: (
    asked: Asked<Table[Id]>,
  ) => OutputOf<Table[Id]> | Promise<OutputOf<Table[Id]>>;
};

/** An error of the contract, thrown by a handler. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly findings: readonly Finding[];
  constructor(code: ErrorCode, findings: readonly Finding[] = []) {
    super(code);
    this.code = code;
    this.findings = findings;
  }
}
/** Cuts the connection instead of answering. */
export class Cut extends Error {}

export interface ContractServer extends AsyncDisposable {
  readonly url: string;
  /** `GET /api/x` of every request, in order. */
  readonly log: string[];
}

/**
 * A small real HTTP server that speaks the contract: routes, inputs and answers are held against its schemas, so a client
 * that passes here says what the server expects.
 */
export async function serveContract(handlers: Handlers, other?: Other): Promise<ContractServer> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url?.split('?')[0]}`);
    void answer(handlers, other, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
type Other = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

async function answer(
  handlers: Handlers,
  other: Other | undefined,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const found = (Object.entries(operations) as [OperationId, Operation][])
    .map(([id, operation]) => ({
      id,
      operation,
      params: match(operation, request.method ?? '', url.pathname),
    }))
    .find((m) => m.params !== undefined && handlers[m.id]);
  try {
    if (!found) {
      if (other) return await other(request, response);
      throw new Refusal('request.unknown_route');
    }
    const { id, operation, params } = found;
    const bytes = await buffer(request);
    const json =
      bytes.length > 0 && !operation.bodyType ? (JSON.parse(bytes.toString('utf8')) as unknown) : undefined;
    const query = Object.fromEntries(url.searchParams);
    must(operation.params, params, `${id} params`);
    must(operation.query, Value.Convert(operation.query ?? {}, { ...query }), `${id} query`);
    must(operation.body, json, `${id} body`);
    const handle = handlers[id] as (asked: unknown) => unknown;
    const output = await handle({
      params,
      query: Value.Convert(operation.query ?? {}, query),
      body: operation.bodyType ? bytes : json,
      key: request.headers.authorization?.replace('Bearer ', ''),
      request,
      response,
    });
    if (response.headersSent) return;
    if (operation.output) must(operation.output, output, `${id} answer`);
    response.writeHead(operation.status ?? 200, {
      'content-type': 'application/json',
      'x-request-id': 'req-1',
    });
    response.end(operation.output ? JSON.stringify(output) : undefined);
  } catch (error) {
    if (error instanceof Cut) request.socket.destroy();
    else refuse(response, error instanceof Refusal ? error : new Refusal('system.internal'), error);
  }
}

function refuse(response: ServerResponse, refusal: Refusal, cause: unknown) {
  const definition = errorDefinition(refusal.code);
  const body: ErrorBody = {
    error: {
      code: refusal.code,
      kind: definition.kind,
      message: cause instanceof Refusal ? definition.message : String(cause),
      remedy: definition.remedy,
      params: {},
      requestId: 'req-1',
      docs: '/docs',
      ...(refusal.findings.length > 0 ? { findings: [...refusal.findings] } : {}),
    },
  };
  response.writeHead(definition.status ?? errorKinds[definition.kind].status, {
    'content-type': 'application/json',
  });
  response.end(JSON.stringify(body));
}

function match(operation: Operation, method: string, path: string): Record<string, string> | undefined {
  if (operation.method !== method) return undefined;
  const pattern = new RegExp(`^${operation.path.replace(/:([A-Za-z0-9]+)/g, '(?<$1>[^/]+)')}$`);
  const groups = pattern.exec(path)?.groups;
  if (!pattern.test(path)) return undefined;
  return Object.fromEntries(Object.entries(groups ?? {}).map(([k, v]) => [k, decodeURIComponent(v)]));
}

function must(schema: TSchema | undefined, value: unknown, what: string) {
  if (!schema) return;
  const [first] = Value.Errors(schema, value) as readonly { instancePath: string; message: string }[];
  if (first) throw new Error(`${what}${first.instancePath} ${first.message}`);
}
