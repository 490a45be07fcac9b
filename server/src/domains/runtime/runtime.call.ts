import type { Readable } from 'node:stream';
import type { Agent } from 'undici';
import type { ModelAddress } from './runtime.ts';

export interface ModelAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly durationMs: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** An answer longer than the caller can hold. */
export class AnswerTooLarge extends Error {}

const agents = new Map<string, Agent>();

/** Calls a model server directly, past the gateway: trial runs and tries, which are never metered. */
export async function callModel(
  address: ModelAddress,
  call: {
    path: string;
    method?: 'GET' | 'POST';
    contentType?: string;
    accept?: string;
    body?: string | Uint8Array | Readable;
    timeoutMs: number;
    /** Else an answer of any size is taken. */
    answerBytesMax?: number;
    signal?: AbortSignal;
  },
): Promise<ModelAnswer> {
  const { request } = await import('undici');
  const started = performance.now();
  const response = await request(`${'url' in address ? address.url : 'http://model'}${call.path}`, {
    method: call.method ?? 'POST',
    dispatcher: await agentFor(address),
    headers: {
      ...(call.contentType ? { 'content-type': call.contentType } : {}),
      ...(call.accept ? { accept: call.accept } : {}),
    },
    body: call.body ?? null,
    headersTimeout: call.timeoutMs,
    bodyTimeout: call.timeoutMs,
    signal: call.signal ?? null,
  });
  const body = await bodyOf(response.body, call.answerBytesMax);
  return {
    status: response.statusCode,
    contentType: String(response.headers['content-type'] ?? 'application/octet-stream'),
    body,
    durationMs: performance.now() - started,
    headers: response.headers,
  };
}

async function bodyOf(answer: AsyncIterable<Buffer>, bytesMax = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    // Leaving the loop closes the connection: the rest is not read.
    if (bytes > bytesMax) throw new AnswerTooLarge(`more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function agentFor(address: ModelAddress): Promise<Agent> {
  const { Agent } = await import('undici');
  const key = 'unix' in address ? address.unix : 'tcp';
  const known = agents.get(key);
  if (known) return known;
  // Sockets of models that have ended are not worth keeping.
  if (agents.size > 200) agents.clear();
  const agent = new Agent({
    ...('unix' in address ? { connect: { socketPath: address.unix } } : {}),
    connections: 64,
    keepAliveTimeout: 5000,
  });
  agents.set(key, agent);
  return agent;
}
