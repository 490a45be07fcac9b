import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createIris, goLive, settled, submit, subscribe } from '../test/journeys/publish.ts';
import { type RunningSouk, removeFolder, signUp, startSouk } from '../test/journeys/souk.ts';
import { type BenchRow, median, sideBySide } from './bench-row.ts';
import { load, type Request } from './load.ts';
import { at, type Started, startListening } from './processes.ts';
import { say } from './say.ts';

/**
 * The same small model and the same tensor three ways: onnxruntime-node alone in a loop, the model server over HTTP, and a buyer's
 * call through the gateway, checked and metered. What lies between the first and the last is what serving costs.
 */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.SOUK_BENCH_SECONDS ?? 2);
const connections = 16;
const bun = at('node_modules/.bin/bun');
const model = at('examples/iris-classifier/model.onnx');
const call: Request = {
  method: 'POST',
  path: '/v2/models/iris/infer',
  headers: { 'content-type': 'application/json' },
  body: '{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[5.5,3.5,1.3,0.2]}]}',
};
const features = { name: 'features', type: 'float32', dims: [1, 4], data: [5.5, 3.5, 1.3, 0.2] };
const environment = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
}

export async function run(): Promise<BenchRow[]> {
  const souk = await startSouk({ env: { SOUK_CHECK_ANSWERS: '0' } });
  let server: Started | undefined;
  try {
    const through = await published(souk);
    server = await startListening(
      bun,
      [
        at('server/src/domains/runtime/model-server/main.ts'),
        ...['--model', `iris=${model}`, '--port', '0', '--threads', '1', '--exit-with-parent'],
      ],
      { env: environment },
    );
    const { port } = server;
    const ways = {
      node: () => raw(process.execPath, model, features),
      bun: () => raw(bun, model, features),
      server: () => served(port, call),
      gateway: () => served(souk.port, through),
    };
    const measured: Record<keyof typeof ways, Figures[]> = { node: [], bun: [], server: [], gateway: [] };
    for (let round = 1; round <= rounds; round++)
      for (const name of Object.keys(ways) as (keyof typeof ways)[]) {
        const figures = await ways[name]();
        measured[name].push(figures);
        say(
          `inference: ${name}, round ${round} of ${rounds}: ${Math.round(figures.perSecond)} calls/s, p50 ${figures.p50Ms.toFixed(3)} ms`,
        );
      }
    return rowsOf(measured);
  } finally {
    await server?.stop();
    await souk.stop();
    removeFolder(souk.dataDir);
  }
}

/** Beside the runtime on which bare onnxruntime-node is faster today. */
function rowsOf(measured: Record<'node' | 'bun' | 'server' | 'gateway', Figures[]>): BenchRow[] {
  const perSecond = (figures: readonly Figures[]) => figures.map((f) => f.perSecond);
  const p50Ms = (figures: readonly Figures[]) => figures.map((f) => f.p50Ms);
  const isNode = median(perSecond(measured.node)) >= median(perSecond(measured.bun));
  const theirs = isNode ? measured.node : measured.bun;
  const peerName = `onnxruntime-node alone, one thread of ${isNode ? 'Node' : 'Bun'}`;
  const ours = { 'the model server': measured.server, 'the gateway': measured.gateway } as const;
  return Object.entries(ours).flatMap(([way, figures]) => [
    sideBySide({
      name: `inference: calls through ${way}`,
      unit: `calls/s, ${connections} callers`,
      ours: perSecond(figures),
      peer: perSecond(theirs),
      peerName,
    }),
    sideBySide({
      name: `inference: p50 through ${way}`,
      unit: 'ms, 1 caller',
      ours: p50Ms(figures),
      peer: p50Ms(theirs),
      peerName,
      inverted: true,
    }),
  ]);
}

/** As many calls under way as the server gets; the median of a call is that of one caller alone. */
async function raw(runtime: string, path: string, input: object): Promise<Figures> {
  const ask = async (callers: number, forSeconds: number) => {
    const { stdout } = await promisify(execFile)(
      runtime,
      [at('bench/raw-onnx.ts'), path, String(forSeconds), String(callers), JSON.stringify(input)],
      { env: environment },
    );
    return JSON.parse(stdout) as Figures;
  };
  const { perSecond } = await ask(connections, seconds);
  const { p50Ms } = await ask(1, 1);
  return { perSecond, p50Ms };
}

async function served(port: number, request: Request): Promise<Figures> {
  const { perSecond } = await load(port, [request], { connections, seconds });
  const { p50Ms } = await load(port, [request], { connections: 1, seconds: 1 });
  return { perSecond, p50Ms };
}

/** Iris through the whole pipeline, and a buyer's call of it. */
async function published(souk: RunningSouk): Promise<Request> {
  const publisher = await signUp(souk.url, 'Bench');
  const product = await createIris(publisher, 'bench');
  await goLive(publisher.client, await settled(publisher.client, await submit(publisher.client, product.id)));
  const buyer = await signUp(souk.url, 'Buyer');
  await subscribe(buyer.client, 'bench', 'pay');
  const request: Request = {
    ...call,
    path: '/call/bench/iris/v2/models/bench-1/infer',
    headers: { ...call.headers, authorization: `Bearer ${buyer.client.key}` },
  };
  await untilAnswered(souk.port, request);
  return request;
}

async function untilAnswered(port: number, { path, headers = {}, body = '' }: Request) {
  for (const end = Date.now() + 20_000; ; ) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.ok) return;
    if (Date.now() > end) throw new Error(`the call answers ${answer.status}: ${text.slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
