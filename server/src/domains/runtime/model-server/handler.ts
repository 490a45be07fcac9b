import { headerLengthName, splitBody } from './binary-tensors.ts';
import { decoded, readBytes, readText } from './body.ts';
import { CallError } from './call-error.ts';
import { type InferCall, modelMetadata, modelVersion, readCall, writeAnswer } from './inference-v2.ts';
import { invoke } from './invocations.ts';
import type { Model } from './model.ts';
import { metricsText } from './model-metrics.ts';
import type { Models, Slot } from './models.ts';

export interface HandlerOptions {
  readonly bodyBytesMax: number;
  /** Calls that this process can work on at a time: what /execution-parameters tells batch transform. */
  readonly cores: number;
  readonly serverVersion: string;
  /** Told of answers that are our fault, for the log. */
  readonly onFault: (message: string) => void;
}

export type Handler = (request: Request) => Promise<Response>;

type Route = (request: Request) => Response | Promise<Response>;
type Methods = { readonly GET?: Route; readonly POST?: Route };

/**
 * Every route of every declared model is one entry of a map by exact path, so the hot path is one lookup: no pattern, no
 * URL object. What is not found there is taken apart only to say why.
 */
export function createHandler(models: Models, options: HandlerOptions): Handler {
  const routes = new Map<string, Methods>([
    ['/ping', { GET: () => empty(models.allReady ? 200 : 503) }],
    ['/invocations', { POST: (request) => invocations(models, request, options) }],
    ['/execution-parameters', { GET: () => json(executionParameters(models, options)) }],
    [
      '/v2',
      {
        GET: () => json({ name: 'souk', version: options.serverVersion, extensions: ['binary_tensor_data'] }),
      },
    ],
    ['/metrics', { GET: () => new Response(metricsOf(models), metricsInit) }],
    ['/v2/health/live', { GET: () => json({ live: true }) }],
    ['/v2/health/ready', { GET: () => json({ ready: models.settled }, models.settled ? 200 : 503) }],
    ['/v2/models', { GET: () => json({ models: models.slots.map((slot) => slot.name) }) }],
  ]);
  for (const slot of models.slots)
    for (const name of new Set([slot.name, encodeURIComponent(slot.name)]))
      for (const version of ['', `/versions/${modelVersion}`]) {
        const at = `/v2/models/${name}${version}`;
        routes.set(at, { GET: () => new Response(modelMetadata(ready(slot)), jsonInit) });
        routes.set(`${at}/ready`, { GET: () => readiness(slot) });
        routes.set(`${at}/infer`, { POST: (request) => infer(slot, request, options.bodyBytesMax) });
      }
  return async (request) => {
    try {
      const path = pathOf(request.url);
      const methods = routes.get(path) ?? routes.get(tidied(path));
      if (methods === undefined) throw unknownPath(models, path);
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      const route = method === 'POST' ? methods.POST : method === 'GET' ? methods.GET : undefined;
      if (route === undefined) throw wrongMethod(request.method, path, methods);
      return await route(request);
    } catch (error) {
      return failure(error, options.onFault);
    }
  };
}

const jsonInit = { headers: { 'content-type': 'application/json' } };
const csvInit = { headers: { 'content-type': 'text/csv; charset=utf-8' } };

const metricsInit = { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } };

const metricsOf = ({ slots }: Models) =>
  metricsText(slots.map(({ name, gate }) => ({ name, metrics: gate.metrics })));

function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { ...jsonInit, status });
}

function empty(status: number): Response {
  return new Response(null, { status });
}

function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  if (start < 0) return '/';
  const query = url.indexOf('?', start);
  return query < 0 ? url.slice(start) : url.slice(start, query);
}

/** A trailing slash, and names that were escaped in another way than ours. */
function tidied(path: string): string {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  try {
    return trimmed.split('/').map(decodeURIComponent).join('/');
  } catch {
    return trimmed;
  }
}

async function invocations(models: Models, request: Request, options: HandlerOptions): Promise<Response> {
  const slot = chosen(models, request.headers.get('x-amzn-sagemaker-target-model'));
  const model = ready(slot);
  const answer = await slot.gate.pass(() => invoke(model, request, options.bodyBytesMax));
  return new Response(answer.text, answer.format === 'json' ? jsonInit : csvInit);
}

function chosen(models: Models, target: string | null): Slot {
  const name = target ?? models.defaultName;
  const slot = models.slots.find((other) => other.name === name);
  if (slot !== undefined) return slot;
  const known = models.slots.map((other) => `"${other.name}"`).join(', ');
  throw name === undefined
    ? new CallError(
        400,
        `several models are served here: name one in X-Amzn-SageMaker-Target-Model (${known})`,
      )
    : new CallError(404, `no model "${name}" is served here, but ${known}`);
}

function infer(slot: Slot, request: Request, bodyBytesMax: number): Promise<Response> {
  const model = ready(slot);
  return slot.gate.pass(() => inferred(model, request, bodyBytesMax));
}

async function inferred(model: Model, request: Request, bodyBytesMax: number): Promise<Response> {
  const takesText = model.inputs.some((input) => input.type.kind === 'string');
  const headerLength = request.headers.get(headerLengthName);
  const call =
    headerLength === null
      ? readCall(model, await readText(request, bodyBytesMax, 'utf-8', takesText))
      : readBinaryCall(model, await readBytes(request, bodyBytesMax), headerLength);
  const { text, binary } = writeAnswer(model, call, await model.run(call.inputs, call.outputs));
  if (call.binaryOutputs.size === 0) return new Response(text, jsonInit);
  const head = Buffer.from(text);
  return new Response(Buffer.concat([head, ...binary]), {
    headers: { 'content-type': 'application/octet-stream', [headerLengthName]: `${head.length}` },
  });
}

function readBinaryCall(model: Model, body: Uint8Array, headerLength: string): InferCall {
  const { json: text, tensors } = splitBody(body, headerLength);
  return readCall(model, decoded(text, 'utf-8'), tensors);
}

function ready(slot: Slot): Model {
  if (slot.state.is === 'ready') return slot.state.model;
  throw new CallError(503, notReady(slot));
}

function notReady(slot: Slot): string {
  return slot.state.is === 'failed'
    ? `model "${slot.name}" could not be loaded: ${slot.state.reason}`
    : `model "${slot.name}" is still loading`;
}

function readiness(slot: Slot): Response {
  if (slot.state.is === 'ready') return json({ name: slot.name, ready: true });
  return json({ name: slot.name, ready: false, error: notReady(slot) }, 503);
}

function executionParameters(models: Models, options: HandlerOptions): Record<string, unknown> {
  const slot = models.slots.find((other) => other.name === models.defaultName);
  const takesOne = slot?.state.is === 'ready' && slot.state.model.recordsPerRun === 1;
  return {
    MaxConcurrentTransforms: options.cores,
    BatchStrategy: takesOne ? 'SINGLE_RECORD' : 'MULTI_RECORD',
    // Batch transform takes 100 MB at most.
    MaxPayloadInMB: Math.max(1, Math.min(100, Math.floor(options.bodyBytesMax / 1_048_576))),
  };
}

function unknownPath(models: Models, path: string): CallError {
  const [, v2, kind, name = '', ...rest] = tidied(path).split('/');
  if (v2 === 'v2' && kind === 'models' && name !== '') {
    const slot = models.slots.find((other) => other.name === name);
    if (slot === undefined) {
      const known = models.slots.map((other) => `"${other.name}"`).join(', ');
      return new CallError(404, `no model "${name}" is served here, but ${known}`);
    }
    if (rest[0] === 'versions' && rest[1] !== modelVersion)
      return new CallError(
        404,
        `model "${name}" has the one version ${modelVersion}, not "${rest[1] ?? ''}"`,
      );
  }
  return new CallError(
    404,
    `${path} is not served here: see /ping, /invocations, /execution-parameters, /v2, /v2/models/{name}`,
  );
}

function wrongMethod(method: string, path: string, methods: Methods): CallError {
  const allowed = methods.POST === undefined ? 'GET' : 'POST';
  return new CallError(405, `${path} takes ${allowed}, not ${method}`, { allow: allowed });
}

function failure(error: unknown, onFault: (message: string) => void): Response {
  if (error instanceof CallError) {
    if (error.status === 500) onFault(error.message);
    return Response.json({ error: error.message }, { status: error.status, headers: error.headers });
  }
  onFault(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return Response.json({ error: 'the model server failed; its log has the cause' }, { status: 500 });
}
