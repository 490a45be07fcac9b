import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { OutboundError } from '../../../platform/outbound.ts';
import { CallError } from '../model-server/call-error.ts';
import { invoke } from '../model-server/invocations.ts';
import type { RemoteServer } from './remote.ts';
import type { RemoteConnection } from './remote-connection.ts';
import { unwell } from './remote-health.ts';
import { describeModel, isOurs, modelPath, refusal, remoteModel, textOf } from './remote-model.ts';

export interface RemoteHandlerOptions {
  readonly server: RemoteServer;
  readonly connection: RemoteConnection;
  readonly bodyBytesMax: number;
  readonly onFault: (message: string) => void;
}

export type RemoteHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/**
 * Answers as a container of the marketplace does and lets the other server do the work. One that has /invocations gets the call as it
 * came, streams and all; for one that has only the Open Inference Protocol, /invocations is translated by the rules of our own server.
 */
export function remoteHandler(options: RemoteHandlerOptions): RemoteHandler {
  const { server, connection, onFault } = options;
  let described: ReturnType<typeof describeModel> | undefined;

  return async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    try {
      await answer(incoming, outgoing, gone.signal);
    } catch (error) {
      if (gone.signal.aborted) return;
      fail(outgoing, error, onFault);
    }
  };

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse, signal: AbortSignal) {
    const { method = 'GET', url = '/' } = incoming;
    const [path = '/'] = url.split('?', 1);
    if (path === '/ping') {
      const why = await unwell(connection, server);
      if (why !== null) onFault(why);
      return end(outgoing, why === null ? 200 : 503, why === null ? undefined : { error: 'not ready' });
    }
    if (method === 'POST' && path === '/invocations' && server.protocol === 'inference-v2')
      return await translated(incoming, outgoing, signal);
    if (path === '/execution-parameters' && server.protocol === 'inference-v2')
      return end(outgoing, 200, {
        MaxConcurrentTransforms: 1,
        BatchStrategy: 'MULTI_RECORD',
        MaxPayloadInMB: Math.max(1, Math.min(100, Math.floor(options.bodyBytesMax / 1_048_576))),
      });
    const passed = passedPath(server, method, path);
    if (passed === undefined)
      throw new CallError(
        404,
        server.protocol === 'sagemaker'
          ? `${path} is not served here: this model’s server has POST /invocations only`
          : `${path} is not served here: see /ping, /invocations, /v2/models/{name}/infer`,
      );
    await passOn(incoming, outgoing, passed, signal);
  }

  async function translated(incoming: IncomingMessage, outgoing: ServerResponse, signal: AbortSignal) {
    const modelName = server.modelName ?? '';
    described ??= describeModel(connection, modelName);
    const tensors = await described.catch((error: unknown) => {
      described = undefined;
      throw error instanceof OutboundError
        ? error
        : new CallError(502, `the model’s server cannot describe the model: ${(error as Error).message}`);
    });
    if ('untranslatable' in tensors)
      throw new CallError(
        501,
        `/invocations cannot be translated for this model’s server: ${tensors.untranslatable}; ` +
          'call /v2/models/{name}/infer',
      );
    const model = remoteModel(connection, modelName, tensors, options.bodyBytesMax * 4, signal);
    const request = new Request('http://model/invocations', {
      method: 'POST',
      headers: asHeaders(incoming.headers),
      body: incoming,
      duplex: 'half',
    } as unknown as RequestInit);
    const { format, text } = await invoke(model, request, options.bodyBytesMax);
    outgoing.writeHead(200, {
      'content-type': format === 'json' ? 'application/json' : 'text/csv; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    });
    outgoing.end(text);
  }

  async function passOn(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    path: string,
    signal: AbortSignal,
  ) {
    const isPost = incoming.method === 'POST';
    const announced = Number(incoming.headers['content-length'] ?? 0);
    if (announced > options.bodyBytesMax)
      throw new CallError(413, `the body is larger than the limit of ${options.bodyBytesMax} bytes`);
    const answered = await connection.send({
      method: isPost ? 'POST' : 'GET',
      path,
      headers: kept(incoming.headers, requestHeaders),
      ...(isPost ? { body: incoming } : {}),
      signal,
    });
    if (isOurs(answered.status)) {
      onFault(`${path} refused the credentials with ${answered.status}`);
      throw refusal(answered.status, await textOf(answered, 1_000_000).catch(() => ''));
    }
    outgoing.writeHead(answered.status, kept(answered.headers, answerHeaders));
    await pipeline(answered.body, outgoing);
  }
}

/** Where a call goes on the other server; the model has its own name there. */
function passedPath(server: RemoteServer, method: string, path: string): string | undefined {
  if (server.protocol === 'sagemaker') {
    if (method === 'POST' && path === '/invocations') return path;
    return method === 'GET' && path === '/execution-parameters' ? path : undefined;
  }
  if (method === 'GET' && /^\/v2(\/health\/(live|ready))?$/.test(path)) return path;
  const [, operation] = /^\/v2\/models\/[^/]+(?:\/versions\/[^/]+)?(\/infer|\/ready)?$/.exec(path) ?? [];
  if (!path.startsWith('/v2/models/') || (operation === '/infer') !== (method === 'POST')) return undefined;
  return `${modelPath(server.modelName ?? '')}${operation ?? ''}`;
}

// What the contract and the protocol give a meaning to, and nothing else: no cookie, key or address of a caller leaves the marketplace.
const requestHeaders =
  /^(content-type|content-length|content-encoding|accept|inference-header-content-length|x-amzn-sagemaker-[a-z-]+|x-request-id|traceparent)$/;
const answerHeaders =
  /^(content-type|content-length|content-encoding|inference-header-content-length|x-amzn-sagemaker-[a-z-]+|retry-after)$/;

function kept(headers: IncomingHttpHeaders, pattern: RegExp): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (typeof value === 'string' && pattern.test(name)) found[name] = value;
  return found;
}

const asHeaders = (headers: IncomingHttpHeaders) => new Headers(kept(headers, requestHeaders));

function end(outgoing: ServerResponse, status: number, body?: object): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  outgoing.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    'content-length': Buffer.byteLength(text),
  });
  outgoing.end(text);
}

function fail(outgoing: ServerResponse, error: unknown, onFault: (message: string) => void): void {
  // Half an answer must not look like a whole one.
  if (outgoing.headersSent) outgoing.destroy();
  else end(outgoing, ...said(error, onFault));
}

function said(error: unknown, onFault: (message: string) => void): [number, { error: string }] {
  if (error instanceof CallError) return [error.status, { error: error.message }];
  onFault((error as Error).message);
  if (!(error instanceof OutboundError))
    return [500, { error: 'the call could not be passed on; its log has the cause' }];
  // Where the server is and how it is reached is the operator's knowledge; the log has it.
  return error.code === 'outbound.timeout'
    ? [504, { error: `the model’s server did not answer in time: ${error.message}` }]
    : [502, { error: 'the model’s server cannot be reached' }];
}
