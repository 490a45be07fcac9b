// onnxruntime-node alone: one model, one tensor, `callers` calls under way at a time, on one thread; `node` or `bun` runs it. Prints what it did.
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [path = '', seconds = '1', callers = '1', input = ''] = process.argv.slice(2);
const { name, type, dims, data } = JSON.parse(input) as {
  name: string;
  type: 'float32' | 'int64';
  dims: number[];
  data: number[];
};
const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const values = type === 'int64' ? BigInt64Array.from(data.map(BigInt)) : Float32Array.from(data);
const feeds = { [name]: new Tensor(type, values, dims) };
for (let i = 0; i < 200; i++) await session.run(feeds);
const durations: number[] = [];
const began = performance.now();
const until = began + Number(seconds) * 1000;
const caller = async () => {
  for (let now = performance.now(); now < until; ) {
    await session.run(feeds);
    const after = performance.now();
    durations.push(after - now);
    now = after;
  }
};
await Promise.all(Array.from({ length: Number(callers) }, caller));
const perSecond = (durations.length * 1000) / (performance.now() - began);
durations.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ perSecond, p50Ms: durations[durations.length >> 1] })}\n`);
process.exit(0);
