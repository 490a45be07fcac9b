import { randomFillSync } from 'node:crypto';
import { block, elementType, int, model, node, tensorInfo } from '../examples/iris-classifier/onnx-writer.ts';

const width = 5000;

/**
 * A real model of 100 MB: four lengths in, two layers of 5,000, three scores out. Its weights are random, so that nothing (a
 * scanner's cache, a disk that compresses) has seen them before, and lie where trained weights lie.
 */
export function bigModel(): Uint8Array {
  return model({
    name: 'big',
    producer: 'souk-bench',
    opset: 17,
    nodes: [
      node({ operator: 'MatMul', inputs: ['features', 'first'], outputs: ['a'] }),
      node({ operator: 'Tanh', inputs: ['a'], outputs: ['b'] }),
      node({ operator: 'MatMul', inputs: ['b', 'second'], outputs: ['c'] }),
      node({ operator: 'Tanh', inputs: ['c'], outputs: ['d'] }),
      node({ operator: 'MatMul', inputs: ['d', 'third'], outputs: ['scores'] }),
    ],
    initializers: [
      weights('first', [4, width]),
      weights('second', [width, width]),
      weights('third', [width, 3]),
    ],
    inputs: [tensorInfo('features', elementType.float, ['rows', 4])],
    outputs: [tensorInfo('scores', elementType.float, ['rows', 3])],
  });
}

export const bigSample = {
  input: { contentType: 'application/json', body: '{"features": [[5.5, 3.5, 1.3, 0.2]]}' },
  expected: { contentType: 'application/json', body: '{"scores": [[0.1, 0.2, 0.3]]}' },
};

function weights(name: string, dims: readonly [number, number]) {
  const raw = randomFillSync(new Uint8Array(dims[0] * dims[1] * 4));
  // The sign and all digits stay random; the exponents become those of numbers between 2^-15 and 2^-5.
  for (let i = 3; i < raw.length; i += 4)
    raw[i] = ((raw[i] ?? 0) & 0x80) | (0x38 + (((raw[i] ?? 0) & 0x7f) % 5));
  return [...dims.map((d) => int(1, d)), int(2, elementType.float), block(8, name), block(9, raw)].reduce(
    (whole, part) => {
      const next = new Uint8Array(whole.length + part.length);
      next.set(whole);
      next.set(part, whole.length);
      return next;
    },
    new Uint8Array(),
  );
}
