/** The little of ONNX's protobuf that this model needs; field numbers are those of onnx.proto (IR version 8). */
const [float, string] = [1, 8];

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}
const join = (parts) => Buffer.concat(parts);
const int = (field, value) => join([varint(field * 8), varint(value)]);
const block = (field, body) => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Array.isArray(body) ? join(body) : body;
  return join([varint(field * 8 + 2), varint(bytes.length), bytes]);
};

const floats = (name, dims, values) =>
  join([
    ...dims.map((d) => int(1, d)),
    int(2, float),
    block(8, name),
    block(9, Buffer.from(Float32Array.from(values).buffer)),
  ]);
const strings = (name, values) =>
  join([int(1, values.length), int(2, string), ...values.map((v) => block(6, v)), block(8, name)]);
const value = (name, type, dims) =>
  join([
    block(1, name),
    block(2, [
      block(1, [
        int(1, type),
        block(
          2,
          dims.map((d) => block(1, typeof d === 'string' ? block(2, d) : int(1, d))),
        ),
      ]),
    ]),
  ]);
const attribute = (name, number) => block(5, [block(1, name), int(3, number), int(20, 2)]);
const node = (operator, inputs, output, attributes = []) =>
  block(1, [...inputs.map((n) => block(1, n)), block(2, output), block(4, operator), ...attributes]);

/** features (N x width) to label (N) and probabilities (N x classes). */
export function softmaxModel({ weights, biases }, width, classes) {
  const columns = Array.from({ length: width }, (_, j) => weights.map((w) => w[j])).flat();
  const graph = [
    node('Gemm', ['features', 'weights', 'biases'], 'scores'),
    node('Softmax', ['scores'], 'probabilities', [attribute('axis', 1)]),
    node('ArgMax', ['scores'], 'best', [attribute('axis', 1), attribute('keepdims', 0)]),
    node('Gather', ['classes', 'best'], 'label'),
    block(2, 'tabular-classifier'),
    block(5, floats('weights', [width, classes.length], columns)),
    block(5, floats('biases', [classes.length], biases)),
    block(5, strings('classes', classes)),
    block(11, value('features', float, ['N', width])),
    block(12, value('label', string, ['N'])),
    block(12, value('probabilities', float, ['N', classes.length])),
  ];
  return join([int(1, 8), block(2, 'souk-examples'), block(7, graph), block(8, [block(1, ''), int(2, 17)])]);
}
