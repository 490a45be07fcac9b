import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer } from '../server/src/domains/runtime/index.ts';
import { findSandbox } from '../server/src/platform/sandbox.ts';
import { type BenchRow, notRun, sideBySide } from './bench-row.ts';
import { containerPair, peerName } from './container-pair.ts';
import { at, startListening, untilAnswers } from './processes.ts';
import { say } from './say.ts';

/** From "start it" to the first 200 of /ping: with Souk's limits, closed network and watch, and by hand without them. */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 5);
const bun = at('node_modules/.bin/bun');
const model = at('examples/iris-classifier/model.onnx');

export async function run(): Promise<BenchRow[]> {
  return [await containers(), await onnx()];
}

async function containers(): Promise<BenchRow> {
  const name = 'cold start: a container, to its first /ping';
  const pair = await containerPair();
  if ('skip' in pair) return notRun(name, pair.skip);
  try {
    return await inTurns(name, peerName, {
      async ours() {
        const running = await pair.ours();
        await running.ready;
        return running.stop;
      },
      peer: async () => (await pair.byHand()).stop,
    });
  } finally {
    await pair.close();
  }
}

async function onnx(): Promise<BenchRow> {
  const socketDir = mkdtempSync(join(tmpdir(), 'sk-'));
  const sandbox = await findSandbox();
  const where = sandbox.kind === 'bubblewrap' ? 'in its sandbox' : 'without a sandbox';
  try {
    return await inTurns(
      `cold start: an ONNX model, ${where}, to its first /ping`,
      'the same model server by hand, without a sandbox',
      {
        async ours() {
          const server = startModelServer({
            models: [{ name: 'iris', path: model }],
            memoryBytesMax: 1024 ** 3,
            threads: 1,
            socketDir,
            sandbox,
            log: () => {},
          });
          await server.ready;
          return () => server.stop();
        },
        async peer() {
          const server = await startListening(
            bun,
            [
              at('server/src/domains/runtime/model-server/main.ts'),
              ...['--model', `iris=${model}`, '--port', '0', '--threads', '1', '--exit-with-parent'],
            ],
            { env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } },
          );
          await untilAnswers(`http://127.0.0.1:${server.port}/ping`, { pollMs: 5 });
          return server.stop;
        },
      },
    );
  } finally {
    rmSync(socketDir, { recursive: true, force: true });
  }
}

type Starts = () => Promise<() => Promise<unknown>>;

/** What is started is ended before the next begins; only the start is timed. The first of each only fills the caches of the disk. */
async function inTurns(
  name: string,
  beside: string,
  sides: { readonly ours: Starts; readonly peer: Starts },
): Promise<BenchRow> {
  const times: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  for (let round = 0; round <= rounds; round++)
    for (const side of ['ours', 'peer'] as const) {
      const began = performance.now();
      const stop = await sides[side]();
      const ms = performance.now() - began;
      await stop();
      if (round === 0) continue;
      times[side].push(ms);
      say(`cold-start: ${side}, round ${round} of ${rounds}: ${Math.round(ms)} ms (${name})`);
    }
  return sideBySide({ name, unit: 'ms', ...times, peerName: beside, inverted: true });
}
