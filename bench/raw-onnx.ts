// onnxruntime-node alone: one model, one tensor, one call after the other, on one thread; `node` or `bun` runs it. Prints what it did.
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [path = '', seconds = '1'] = process.argv.slice(2);
const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const feeds = { features: new Tensor('float32', Float32Array.of(5.5, 3.5, 1.3, 0.2), [1, 4]) };
for (let i = 0; i < 2000; i++) await session.run(feeds);
const durations: number[] = [];
const began = performance.now();
const until = began + Number(seconds) * 1000;
for (let now = began; now < until; ) {
  await session.run(feeds);
  const after = performance.now();
  durations.push(after - now);
  now = after;
}
const perSecond = (durations.length * 1000) / (performance.now() - began);
durations.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ perSecond, p50Ms: durations[durations.length >> 1] })}\n`);
process.exit(0);
