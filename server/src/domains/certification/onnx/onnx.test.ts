import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type Bytes,
  block,
  elementType,
  floatTensor,
  int,
  intAttribute,
  type Model,
  model,
  node,
  tensorInfo,
} from '../../../../../examples/iris-classifier/onnx-writer.ts';
import { findSandbox } from '../../../platform/sandbox.ts';
import { fromBytes } from './byte-source.ts';
import { checkModel } from './check-model.ts';
import type { Declared } from './declared.ts';
import { runtimeName, supportOf } from './known-operators.ts';
import { createModelLoader } from './load-attempt.ts';
import { probedRuntime } from './operators.gen.ts';
import { readOnnx } from './read-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-onnx-test-'));
const loader = createModelLoader({ timeoutMs: 20_000 });
after(() => {
  loader.close();
  rmSync(folder, { recursive: true, force: true });
});

const x = tensorInfo('x', elementType.float, ['n', 3]);
const y = tensorInfo('y', elementType.float, ['n', 3]);
const relu = node({ operator: 'Relu', inputs: ['x'], outputs: ['y'] });

function small(changes: Partial<Model> = {}): Bytes {
  return model({
    name: 'g',
    nodes: [relu],
    initializers: [],
    inputs: [x],
    outputs: [y],
    opset: 17,
    ...changes,
  });
}

function one(operator: string, changes: Partial<Model> & { domain?: string } = {}): Bytes {
  const { domain, ...rest } = changes;
  const made = node({ operator, inputs: ['x'], outputs: ['y'], ...(domain === undefined ? {} : { domain }) });
  return small({ nodes: [made], ...rest });
}

let count = 0;
async function check(
  bytes: Uint8Array,
  options: { files?: Record<string, number>; declared?: Declared } = {},
) {
  const path = join(folder, `${++count}.onnx`);
  writeFileSync(path, bytes);
  const { findings } = await checkModel(path, {
    loader,
    packagePath: 'model.onnx',
    sizeOf: (inside) => options.files?.[inside] ?? null,
    ...(options.declared === undefined ? {} : { declared: options.declared }),
  });
  return findings;
}
const codes = async (...given: Parameters<typeof check>) => (await check(...given)).map((f) => f.code);

const opset = (domain: string, version: number) => block(8, [block(1, domain), int(2, version)]);

test('the operator table was made with the runtime that is installed', async () => {
  const { default: manifest } = await import('onnxruntime-node/package.json', { with: { type: 'json' } });
  assert.equal(manifest.version, probedRuntime);
  assert.deepEqual(supportOf('', 'Add', 6), { known: true, definition: 6, implemented: 'no' });
  assert.deepEqual(supportOf('', 'Add', 12), { known: true, definition: 7, implemented: 'yes' });
  assert.deepEqual(supportOf('', 'constructor', 12), { known: false });
});

test('a sound model has no findings, and is described without its weights', async () => {
  const weights = floatTensor('w', [3, 100], Array<number>(300).fill(0.5));
  const product = node({ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] });
  const bytes = small({
    nodes: [product],
    initializers: [weights],
    outputs: [tensorInfo('y', 1, ['n', 100])],
  });
  assert.deepEqual(await check(bytes), []);
  const read = readOnnx(fromBytes(bytes));
  assert.ok(read.ok);
  assert.equal(read.model.parameterCount, 300);
  assert.deepEqual(read.model.opsets, [{ domain: '', version: 17 }]);
  assert.deepEqual(read.model.inputs, [
    { name: 'x', kind: 'tensor', elementType: 'float32', shape: ['n', 3] },
  ]);
});

test('operators: unknown, too new, of a domain of their own, for training', async () => {
  assert.deepEqual(await codes(one('Rleu')), ['onnx.operator_unknown']);
  const [later] = await check(one('Gelu', { opset: 13 }));
  assert.equal(later?.code, 'onnx.operator_unknown');
  assert.match(later?.remedy ?? '', /operator set 20/);
  assert.deepEqual(await codes(one('Relu', { opset: 999 })), ['onnx.opset_too_new']);
  const custom = one('MyOp', { domain: 'com.example', more: [opset('com.example', 1)] });
  assert.deepEqual(await codes(custom), ['onnx.custom_operator']);
  for (const domain of ['ai.onnx.preview.training', 'ai.onnx.training']) {
    const training = one('Gradient', { domain, more: [opset(domain, 1)] });
    const [finding] = await check(training);
    assert.equal(finding?.code, 'onnx.training_operator');
    assert.match(finding?.message ?? '', /Gradient.*ai\.onnx/);
  }
  assert.deepEqual(
    await codes(one('Gelu', { domain: 'com.microsoft', more: [opset('com.microsoft', 1)] })),
    [],
  );
  assert.deepEqual(await codes(one('Relu', { domain: 'ai.onnx' })), []);
});

test('all unsupported operators are named, not only the runtime’s first', async () => {
  const nodes = ['Pow', 'Add', 'Mul'].map((operator, i) =>
    node({ operator, inputs: [i === 0 ? 'x' : `t${i}`, 'x'], outputs: [i === 2 ? 'y' : `t${i + 1}`] }),
  );
  const findings = await check(small({ nodes, opset: 6 }));
  assert.deepEqual(
    findings.map((f) => f.code),
    Array(3).fill('onnx.opset_too_old'),
  );
  assert.deepEqual(
    findings.map((f) => /^\w+/.exec(f.message)?.[0]),
    ['Pow', 'Add', 'Mul'],
  );
  assert.match(findings[0]?.remedy ?? '', /convert_version\(model, 13\)/);
});

test('types that an operator exists for, but not in the runtime, are found by loading', async () => {
  const ints = [
    tensorInfo('x', elementType.int64, ['n']),
    tensorInfo('y', elementType.int64, ['n']),
  ] as const;
  const findings = await check(small({ inputs: [ints[0]], outputs: [ints[1]] }));
  assert.deepEqual(
    findings.map((f) => f.code),
    ['onnx.operator_unsupported'],
  );
});

test('operators inside subgraphs are found', async () => {
  const branch = [
    block(1, node({ operator: 'Rleu', inputs: ['x'], outputs: ['b'] })),
    block(2, 'branch'),
    block(12, tensorInfo('b', 1, ['n', 3])),
  ];
  const graph = (name: string) => Buffer.concat([block(1, name), block(6, branch), int(20, 5)]);
  const conditional = node({
    operator: 'If',
    inputs: ['c'],
    outputs: ['y'],
    attributes: [graph('then_branch'), graph('else_branch')],
  });
  const found = await codes(small({ nodes: [conditional], inputs: [x, tensorInfo('c', 9, [])] }));
  assert.deepEqual(found, ['onnx.operator_unknown']);
});

test('a function of the model’s own is no custom operator; what it uses is looked at', async () => {
  const body = (operator: string) =>
    block(25, [
      block(1, 'Twice'),
      block(4, 'a'),
      block(5, 'b'),
      block(7, node({ operator, inputs: ['a'], outputs: ['b'] })),
      block(9, [block(1, ''), int(2, 17)]),
      block(10, 'own'),
    ]);
  const using = (operator: string) =>
    one('Twice', { domain: 'own', more: [opset('own', 1), body(operator)] });
  assert.deepEqual(await codes(using('Relu')), []);
  assert.deepEqual(await codes(using('Rleu')), ['onnx.operator_unknown']);
});

test('missing operator sets, missing and too new formats are named', async () => {
  const graph = [block(1, relu), block(2, 'g'), block(11, x), block(12, y)];
  const noOpset = Buffer.concat([int(1, 8), block(7, graph)]);
  assert.deepEqual(await codes(noOpset), ['onnx.opset_missing']);
  const tooNew = Buffer.concat([int(1, 99), block(7, graph), opset('', 17)]);
  const [finding] = await check(tooNew);
  assert.equal(finding?.code, 'onnx.ir_unsupported');
  assert.match(finding?.message ?? '', new RegExp(`99.*${runtimeName}.*\\d+`));
  const none = Buffer.concat([block(7, graph), opset('', 17)]);
  assert.deepEqual(await codes(none), ['onnx.ir_unsupported']);
});

test('training graphs are refused', async () => {
  assert.deepEqual(await codes(small({ more: [block(20, [block(1, block(2, 'init'))])] })), [
    'onnx.training_info',
  ]);
});

test('inputs and outputs must be tensors of types that calls carry', async () => {
  const sequence = Buffer.concat([block(1, 'x'), block(2, block(4, block(1, block(1, int(1, 1)))))]);
  const length = node({ operator: 'SequenceLength', inputs: ['x'], outputs: ['y'] });
  const bytes = small({ nodes: [length], inputs: [sequence], outputs: [tensorInfo('y', 7, [])] });
  assert.deepEqual(await codes(bytes), ['onnx.value_type_unsupported']);
  const bfloat16 = small({
    nodes: [node({ operator: 'Identity', inputs: ['x'], outputs: ['y'] })],
    inputs: [tensorInfo('x', 16, ['n'])],
    outputs: [tensorInfo('y', 16, ['n'])],
  });
  assert.deepEqual(await codes(bfloat16), ['onnx.value_type_unsupported', 'onnx.value_type_unsupported']);
});

test('a StringNormalizer is refused exactly when it needs a locale that may be missing', async () => {
  const text = (name: string, value: string) => Buffer.concat([block(1, name), block(4, value), int(20, 3)]);
  const normalizer = (attributes: readonly Uint8Array[]) =>
    small({
      nodes: [node({ operator: 'StringNormalizer', inputs: ['x'], outputs: ['y'], attributes })],
      inputs: [tensorInfo('x', 8, ['n'])],
      outputs: [tensorInfo('y', 8, ['m'])],
    });
  const absent = text('locale', 'tlh_QO.UTF-8');
  assert.deepEqual(await codes(normalizer([text('case_change_action', 'LOWER'), absent])), [
    'onnx.locale_needed',
  ]);
  const stop = Buffer.concat([block(1, 'stopwords'), block(9, 'monday'), int(20, 8)]);
  assert.deepEqual(await codes(normalizer([stop, intAttribute('is_case_sensitive', 0), absent])), [
    'onnx.locale_needed',
  ]);
  assert.deepEqual(await codes(normalizer([stop, intAttribute('is_case_sensitive', 1), absent])), []);
  assert.deepEqual(await codes(normalizer([text('case_change_action', 'LOWER'), text('locale', 'C')])), []);
});

test('external weights: inside and whole, or refused; those outside are never shown to the runtime', async () => {
  const external = (location: string, length = '36') => {
    const entry = (key: string, value: string) => block(13, [block(1, key), block(2, value)]);
    const tensor = Buffer.concat([
      int(1, 3),
      int(1, 3),
      int(2, 1),
      block(8, 'w'),
      entry('location', location),
      entry('length', length),
      int(14, 1),
    ]);
    const product = node({ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] });
    return small({ nodes: [product], initializers: [tensor] });
  };
  writeFileSync(join(folder, 'w.bin'), Buffer.alloc(36));
  assert.deepEqual(await codes(external('w.bin'), { files: { 'w.bin': 36 } }), []);
  assert.deepEqual(await codes(external('other.bin')), ['onnx.external_missing']);
  assert.deepEqual(await codes(external('w.bin'), { files: { 'w.bin': 20 } }), ['onnx.external_size']);
  assert.deepEqual(await codes(external('w.bin', '12'), { files: { 'w.bin': 36 } }), ['onnx.external_size']);
  assert.deepEqual(await codes(external('w.bin', 'many'), { files: { 'w.bin': 36 } }), [
    'onnx.external_size',
  ]);
  for (const location of ['/etc/passwd', '../w.bin', 'a/../../w.bin', 'C:\\w.bin', '', 'a/../w.bin'])
    assert.deepEqual(
      await codes(external(location), { files: { 'w.bin': 36 } }),
      ['onnx.external_escapes'],
      location,
    );
});

test('what the listing declares is held against the model', async () => {
  const declared = (changes: Declared) => codes(small(), { declared: changes });
  assert.deepEqual(
    await declared({
      inputs: [{ name: 'x', type: 'float32', shape: [-1, 3] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n', 3] }],
    }),
    [],
  );
  assert.deepEqual(await declared({ inputs: [{ name: 'z' }] }), ['onnx.declared_missing', 'onnx.undeclared']);
  assert.deepEqual(await declared({ inputs: [{ name: 'x', type: 'int64' }] }), [
    'onnx.declared_type_differs',
  ]);
  assert.deepEqual(await declared({ inputs: [{ name: 'x', shape: [null, 4] }] }), [
    'onnx.declared_shape_differs',
  ]);
  assert.deepEqual(await declared({ outputs: [{ name: 'y', shape: [3] }] }), ['onnx.declared_shape_differs']);
  const [finding] = await check(small(), {
    declared: { inputs: [{ name: 'x', type: 'bool', pointer: '/versions/0/input' }] },
  });
  assert.equal(finding?.pointer, '/versions/0/input');
});

test('a model on which the runtime aborts is refused, and the next one is judged all the same', async () => {
  // Found by offering the runtime odd models: it reads inputs that this node does not have.
  const scale = floatTensor('s', [], [1]);
  const zero = Buffer.concat([int(2, 2), block(8, 'z'), block(9, new Uint8Array(1))]);
  const crash = small({
    nodes: [
      node({
        operator: 'QLinearLeakyRelu',
        domain: 'com.microsoft',
        inputs: ['x', 's', 'z', 's'],
        outputs: ['y'],
      }),
    ],
    inputs: [tensorInfo('x', 2, ['n'])],
    outputs: [tensorInfo('y', 2, ['n'])],
    initializers: [scale, zero],
    more: [opset('com.microsoft', 1)],
  });
  assert.deepEqual(await codes(crash), ['onnx.load_crashed']);
  assert.deepEqual(await codes(small()), []);
});

test('a load that takes too much time or memory is stopped, and said to be so', async () => {
  const path = join(folder, 'some.onnx');
  writeFileSync(path, small());
  const tight = createModelLoader({ memoryBytesMax: 2 ** 20 });
  const quick = createModelLoader({ timeoutMs: 1 });
  try {
    assert.equal((await tight.load(path)).outcome, 'memory');
    assert.equal((await quick.load(path)).outcome, 'timeout');
  } finally {
    tight.close();
    quick.close();
  }
});

test('confined, the runtime loads what it was given and sees nothing else', async () => {
  const sandbox = await findSandbox();
  const given = mkdtempSync(join(tmpdir(), 'souk-given-'));
  writeFileSync(join(given, 'a.onnx'), small());
  writeFileSync(join(folder, 'elsewhere.onnx'), small());
  const confined = createModelLoader({ confined: { sandbox, folders: [given] } });
  try {
    assert.deepEqual(await confined.load(join(given, 'a.onnx')), { outcome: 'loaded' });
    const other = await confined.load(join(folder, 'elsewhere.onnx'));
    // Where the machine allows no sandbox, its reason is on record and the model loads.
    if (sandbox.kind === 'none')
      return assert.deepEqual([sandbox.reason === '', other.outcome], [false, 'loaded']);
    assert.equal(other.outcome, 'refused');
    assert.match('message' in other ? other.message : '', /doesn't exist|No such file/i);
  } finally {
    confined.close();
    rmSync(given, { recursive: true });
  }
});

test('hostile bytes: giant numbers, deep nesting, endless lists, and every cut of a model', async () => {
  const refused = (bytes: Uint8Array, tooComplex = false) => {
    const read = readOnnx(fromBytes(bytes));
    assert.equal(read.ok, false);
    if (!read.ok) assert.equal(read.tooComplex, tooComplex, read.problem);
  };
  refused(new Uint8Array(0));
  refused(new Uint8Array(30).fill(0xff));
  refused(new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]));
  refused(new Uint8Array([0x3b, 0x3c])); // groups
  // A graph in an attribute of a node in a graph in an attribute..., the innermost first.
  let deep: Bytes = block(2, 'innermost');
  for (let i = 0; i < 200; i++) deep = block(1, block(5, block(6, deep)));
  refused(Buffer.concat([int(1, 8), block(7, deep)]), true);
  const many = Buffer.alloc(20_000_000, 0);
  for (let i = 0; i < many.length; i += 2) many[i] = 8; // ten million times the format version
  refused(many, true);
  const whole = small();
  for (let length = 0; length < whole.length; length++) readOnnx(fromBytes(whole.subarray(0, length)));
});

test('two thousand damaged models: the reader always answers', () => {
  const sample = small({ initializers: [floatTensor('w', [3, 3], Array<number>(9).fill(1))], producer: 'p' });
  let seed = 11;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  for (let i = 0; i < 2000; i++) {
    const bytes = Buffer.from(sample);
    for (let hits = 1 + next(6); hits > 0; hits--) bytes[next(bytes.length)] = next(256);
    assert.equal(typeof readOnnx(fromBytes(bytes)).ok, 'boolean');
  }
});

test('a hundred and fifty damaged models: the whole check always answers', async () => {
  mkdirSync(join(folder, 'fuzz'), { recursive: true });
  const sample = small();
  let seed = 5;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  for (let i = 0; i < 150; i++) {
    const bytes = Buffer.from(sample);
    for (let hits = 1 + next(4); hits > 0; hits--) bytes[next(bytes.length)] = next(256);
    for (const finding of await check(bytes))
      assert.ok(finding.message.length > 10 && finding.remedy.length > 10);
  }
});
