import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { slowModel } from '../server/src/domains/runtime/model-server/testing.ts';
import { type BenchRow, median, sideBySide } from './bench-row.ts';
import { load } from './load.ts';
import { at, startListening } from './processes.ts';
import { say } from './say.ts';

/**
 * A model whose run takes about a millisecond, as those that people serve do: onnxruntime-node alone and the model server, one core
 * each, the same calls under way. What the server loses is what HTTP, JSON and checks cost.
 */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.SOUK_BENCH_SECONDS ?? 2);
const callers = 16;
const side = 260;
const bun = at('node_modules/.bin/bun');
const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
const input = { name: 'shape', type: 'int64', dims: [2], data: [side, side] };

export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'souk-bench-onnx-'));
  const model = join(folder, 'model.onnx');
  writeFileSync(model, slowModel());
  const server = await startListening(
    bun,
    [
      at('server/src/domains/runtime/model-server/main.ts'),
      ...['--model', `product=${model}`, '--port', '0', '--threads', '1', '--exit-with-parent'],
    ],
    { env },
  );
  try {
    const ours: number[] = [];
    const [node, onBun]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      node.push(await raw(process.execPath, model));
      onBun.push(await raw(bun, model));
      const { perSecond } = await load(
        server.port,
        [
          {
            method: 'POST',
            path: '/v2/models/product/infer',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              inputs: [{ name: 'shape', shape: [2], datatype: 'INT64', data: [side, side] }],
            }),
          },
        ],
        { connections: callers, seconds },
      );
      ours.push(perSecond);
      say(
        `onnx-runner: round ${round} of ${rounds}: ${Math.round(perSecond)} calls/s served, ${Math.round(node.at(-1) ?? 0)} on Node and ${Math.round(onBun.at(-1) ?? 0)} on Bun alone`,
      );
    }
    const isNode = median(node) >= median(onBun);
    return [
      sideBySide({
        name: 'onnx runner: calls of a model whose run takes about 1 ms',
        unit: `calls/s, ${callers} callers, one core`,
        ours,
        peer: isNode ? node : onBun,
        peerName: `onnxruntime-node alone on ${isNode ? 'Node' : 'Bun'}`,
        goal: ['ratio at least', 0.8],
      }),
    ];
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function raw(runtime: string, model: string): Promise<number> {
  const { stdout } = await promisify(execFile)(
    runtime,
    [at('bench/raw-onnx.ts'), model, String(seconds), String(callers), JSON.stringify(input)],
    { env },
  );
  return (JSON.parse(stdout) as { perSecond: number }).perSecond;
}
