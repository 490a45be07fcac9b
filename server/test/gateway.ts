import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gatewayProcess } from '../src/domains/gateway/gateway.process.ts';
import type { GatewaySettings } from '../src/domains/gateway/gateway.ts';

/** For tests: the gateway as the process that it is, and servers behind it. */
export type Runtime = 'bun' | 'node';

export interface RunningGateway {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to its log. */
  readonly log: () => string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export async function startGateway(
  settings: Partial<GatewaySettings> & { readonly databaseUrl: string },
  runtime: Runtime = 'bun',
): Promise<RunningGateway> {
  const { command, args, env } = gatewayProcess({
    port: 0,
    host: '127.0.0.1',
    controlPlane: { host: '127.0.0.1', port: 9 },
    dataDir: settings.dataDir ?? testFolder(),
    nodeName: 'test',
    publicUrl: 'http://souk.example',
    payloadBytesMax: 1_000_000,
    callTimeoutMs: 20_000,
    ...settings,
  });
  const child = spawn(runtime === 'bun' ? command : process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const port = await portOf(child, () => log);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    log: () => log,
    kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

function portOf(child: ChildProcess, log: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve((JSON.parse(text.split('\n')[0] ?? '') as { port: number }).port);
    });
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${log()}`)));
  });
}

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'souk-gateway-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function listening(
  listener: RequestListener,
  at: { unix: string } | { port: number } = { port: 0 },
  options: { readonly maxHeaderSize?: number } = {},
) {
  const server = createServer(options, listener);
  await new Promise<void>((resolve) =>
    'unix' in at ? server.listen(at.unix, resolve) : server.listen(at.port, '127.0.0.1', resolve),
  );
  const close = () => closed(server);
  after(close);
  const address = server.address();
  return { port: address && typeof address === 'object' ? address.port : 0, close };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  readonly chunked: boolean;
}

export interface TestModel {
  readonly address: { readonly unix: string };
  readonly seen: SeenCall[];
  /** Calls answered with 2XX. */
  readonly answered: () => number;
  /** The most calls that it had at the same time. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

/**
 * A model server on a socket. The header X-Amzn-SageMaker-Custom-Attributes, which containers are given, says how it behaves:
 * `status=400`, `units=3`, `wait=500`, `stream=5`, `break`, `hang`, `empty`, `gzip`.
 */
export async function startModel(): Promise<TestModel> {
  const unix = join(testFolder(), 'model.sock');
  const seen: SeenCall[] = [];
  let [answered, atOnce, most] = [0, 0, 0];
  const { close } = await listening(
    async (incoming, outgoing) => {
      most = Math.max(most, ++atOnce);
      outgoing.once('close', () => atOnce--);
      const bytes = await sizeOf(incoming);
      seen.push({
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        bytes,
        chunked: incoming.headers['transfer-encoding'] === 'chunked',
      });
      outgoing.once('finish', () => {
        if (outgoing.statusCode < 300) answered++;
      });
      await behave(outgoing, String(incoming.headers['x-amzn-sagemaker-custom-attributes'] ?? ''), bytes);
    },
    { unix },
  );
  return { address: { unix }, seen, answered: () => answered, mostAtOnce: () => most, close };
}

async function sizeOf(incoming: IncomingMessage): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of incoming) bytes += (chunk as Buffer).length;
  } catch {
    // A caller who goes away takes the rest along.
  }
  return bytes;
}

async function behave(outgoing: ServerResponse, attributes: string, bytes: number) {
  const [how = '', value = ''] = attributes.split('=');
  const body = JSON.stringify({ bytes });
  const json = { 'content-type': 'application/json', 'content-length': body.length };
  if (how === 'wait') await pause(Number(value));
  switch (how) {
    case 'hang':
      return;
    case 'break':
      outgoing.writeHead(200, { 'content-type': 'text/plain', 'content-length': 1000 });
      outgoing.write('only this');
      await pause(50);
      outgoing.destroy();
      return;
    case 'stream':
      outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...(value === '2' ? metering(2) : {}) });
      for (let i = 0; i < Number(value); i++) {
        outgoing.write(`data: ${i}\n\n`);
        await pause(100);
      }
      outgoing.end();
      return;
    case 'stream-break':
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: 0\n\n');
      await pause(50);
      outgoing.destroy();
      return;
    case 'empty':
      outgoing.writeHead(204).end();
      return;
    case 'large':
      outgoing.writeHead(200, { 'content-type': 'text/plain' });
      outgoing.end('x'.repeat(Number(value)));
      return;
    case 'status':
      outgoing.writeHead(Number(value), { ...json, ...metering(7) }).end(body);
      return;
    case 'units':
      outgoing.writeHead(200, { ...json, ...metering(Number(value)) }).end(body);
      return;
    default:
      outgoing.writeHead(200, json).end(body);
  }
}

const metering = (units: number) => ({
  'x-amzn-inference-metering': JSON.stringify({ Dimension: 'inference.count', ConsumedUnits: units }),
});

/** Waits for a state, never for a time. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await pause(20);
  }
}
