import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import {
  columnsModel,
  errorOf,
  gatherModel,
  identityModel,
  optionalInputModel,
  type Served,
  serving,
  zipMapModel,
} from './testing.ts';

const tensor = (datatype: string, shape: string, data: string, name = 'x') =>
  `{"name":"${name}","datatype":"${datatype}","shape":${shape},"data":${data}}`;

/** What a type must carry to and fro: the text sent, and the text answered where it differs. */
const types: readonly [id: number, datatype: string, sent: string, answered?: string][] = [
  [1, 'FP32', '[0.5,-1.25,3]'],
  [2, 'UINT8', '[0,7,255]'],
  [3, 'INT8', '[-128,0,127]'],
  [4, 'UINT16', '[0,7,65535]'],
  [5, 'INT16', '[-32768,0,32767]'],
  [6, 'INT32', '[-2147483648,0,2147483647]'],
  [7, 'INT64', '[-9223372036854775808,9007199254740993,9223372036854775807]'],
  [8, 'BYTES', '["","süd","a\\"b"]'],
  [9, 'BOOL', '[true,false,1]', '[true,false,true]'],
  [10, 'FP16', '[0.5,-1.25,65504]'],
  [11, 'FP64', '[0.1,-1e+300,5e-324]'],
  [12, 'UINT32', '[0,7,4294967295]'],
  [13, 'UINT64', '[0,9007199254740993,18446744073709551615]'],
];

suite('Open Inference Protocol v2', () => {
  let served: Served;

  before(async () => {
    served = await serving({
      ...Object.fromEntries(types.map(([id, datatype]) => [datatype, identityModel(id)])),
      matrix: identityModel(1, ['N', 4]),
      scalar: identityModel(1, []),
      shapeless: identityModel(1, null),
      optional: optionalInputModel(),
      zipmap: zipMapModel(),
      columns: columnsModel(),
      gather: gatherModel(),
      'a name/with é': identityModel(1),
      BF16: identityModel(16),
    });
  });

  for (const [, datatype, sent, answered = sent] of types)
    test(`${datatype} comes back as it was sent, and so does a tensor without values`, async () => {
      const text = await (await served.infer(datatype, tensor(datatype, '[3]', sent))).text();
      assert.ok(text.endsWith(`"datatype":"${datatype}","shape":[3],"data":${answered}}]}`), text);
      const none = await (await served.infer(datatype, tensor(datatype, '[0]', '[]'))).text();
      assert.ok(none.endsWith('"shape":[0],"data":[]}]}'), none);
    });

  test('nested data is taken where it has the shape that is said', async () => {
    const nested = await served.infer('matrix', tensor('FP32', '[2,4]', '[[1,2,3,4],[5,6,7,8]]'));
    assert.match(await nested.text(), /"shape":\[2,4\],"data":\[1,2,3,4,5,6,7,8\]/);
    const other = await served.infer('matrix', tensor('FP32', '[2,4]', '[[1,2],[3,4],[5,6],[7,8]]'));
    assert.equal(await errorOf(other), 'input "x": "data" is nested as [4,2], shape says [2,4]');
    const ragged = await served.infer('matrix', tensor('FP32', '[2,4]', '[[1,2,3,4],[5,6,7]]'));
    assert.match(await errorOf(ragged), /input "x": the array is ragged: an array of 4 .* found one of 3/);
  });

  test('NaN and the infinities are taken bare and as strings, and come back as strings in valid JSON', async () => {
    for (const sent of ['[NaN,Infinity,-Infinity]', '["NaN","Infinity","-Infinity"]']) {
      const answer = (await (await served.infer('FP64', tensor('FP64', '[3]', sent))).json()) as {
        outputs: [{ data: unknown[] }];
      };
      assert.deepEqual(answer.outputs[0].data, ['NaN', 'Infinity', '-Infinity']);
    }
    assert.equal((await served.infer('INT32', tensor('INT32', '[1]', '[NaN]'))).status, 400);
    assert.equal((await served.infer('BYTES', tensor('BYTES', '[1]', '[NaN]'))).status, 400);
  });

  test('a word like NaN inside a string is left as it is', async () => {
    const answer = await served.infer(
      'BYTES',
      tensor('BYTES', '[2]', '["NaN \\" Infinity","NaN"]'),
      ',"id":"NaN"',
    );
    assert.match(await answer.text(), /"id":"NaN".*"data":\["NaN \\" Infinity","NaN"\]/);
  });

  test('64-bit integers are taken as strings too, for callers who cannot write them', async () => {
    const answer = await served.infer('UINT64', tensor('UINT64', '[1]', '["18446744073709551615"]'));
    assert.match(await answer.text(), /"data":\[18446744073709551615\]/);
    assert.equal((await served.infer('INT64', tensor('INT64', '[1]', '[9223372036854775808]'))).status, 400);
    assert.equal((await served.infer('INT64', tensor('INT64', '[1]', '[1.5]'))).status, 400);
  });

  test('a scalar is a shape of no dimensions', async () => {
    const metadata = await (await served.get('/v2/models/scalar')).text();
    assert.match(metadata, /"inputs":\[\{"name":"x","datatype":"FP32","shape":\[\]\}\]/);
    for (const data of ['[2.5]', '2.5'])
      assert.match(
        await (await served.infer('scalar', tensor('FP32', '[]', data))).text(),
        /"shape":\[\],"data":\[2.5\]/,
      );
    assert.match(
      await errorOf(await served.infer('scalar', tensor('FP32', '[1]', '[2.5]'))),
      /has 1 dimensions, expected FP32 \[\]/,
    );
  });

  test('an input without a declared shape takes any', async () => {
    const answer = await served.infer('shapeless', tensor('FP32', '[1,2,1]', '[1,2]'));
    assert.match(await answer.text(), /"shape":\[1,2,1\],"data":\[1,2\]/);
  });

  test('an input with a default may be left out, or given', async () => {
    assert.match(
      await (await served.get('/v2/models/optional')).text(),
      /"bias",.*"parameters":\{"optional":true\}/,
    );
    const x = tensor('FP32', '[2]', '[1,2]');
    assert.match(await (await served.infer('optional', x)).text(), /"data":\[11,12\]/);
    const bias = tensor('FP32', '[1]', '[100]', 'bias');
    assert.match(await (await served.infer('optional', `${x},${bias}`)).text(), /"data":\[101,102\]/);
    assert.match(await (await served.infer('optional', x)).text(), /"data":\[11,12\]/);
  });

  test('a ZipMap is served as the tensor of probabilities, with its labels in the metadata', async () => {
    const answer = await served.infer('zipmap', tensor('FP32', '[1,2]', '[0.25,0.75]'));
    assert.match(
      await answer.text(),
      /"name":"output_label","datatype":"INT64","shape":\[1\],"data":\[1\].*"name":"output_probability","datatype":"FP32","shape":\[1,2\],"data":\[0.25,0.75\]/,
    );
    assert.match(await (await served.get('/v2/models/zipmap')).text(), /"labels":\["no","yes"\]/);
  });

  test('only the outputs that are asked for are answered, in the order asked', async () => {
    const inputs = `${tensor('FP32', '[1,1]', '[1]', 'age')},${tensor('BYTES', '[1,1]', '["Rom"]', 'city')}`;
    const one = await served.infer('columns', inputs, ',"outputs":[{"name":"same_city"}]');
    const { outputs } = (await one.json()) as { outputs: { name: string }[] };
    assert.deepEqual(
      outputs.map((output) => output.name),
      ['same_city'],
    );
    const unknown = await served.infer('columns', inputs, ',"outputs":[{"name":"z"}]');
    assert.match(await errorOf(unknown), /output "z" is unknown .* "same_age", "same_city"/);
  });

  const refusals: readonly [what: string, model: string, inputs: string, message: RegExp][] = [
    [
      'an unknown input',
      'matrix',
      tensor('FP32', '[1,4]', '[1,2,3,4]', 'z'),
      /input "z" is unknown .* "x" \(FP32 \[-1,4\]\)/,
    ],
    [
      'a missing input',
      'columns',
      tensor('FP32', '[1,1]', '[1]', 'age'),
      /input "city" is missing: expected BYTES \[-1,1\]/,
    ],
    [
      'an input given twice',
      'FP32',
      `${tensor('FP32', '[1]', '[1]')},${tensor('FP32', '[1]', '[1]')}`,
      /input "x" is given twice/,
    ],
    [
      'another datatype',
      'matrix',
      tensor('FP64', '[1,4]', '[1,2,3,4]'),
      /input "x": datatype "FP64", expected "FP32"/,
    ],
    [
      'another rank',
      'matrix',
      tensor('FP32', '[4]', '[1,2,3,4]'),
      /input "x": shape \[4\] has 1 dimensions, expected FP32 \[-1,4\]/,
    ],
    ['another fixed dimension', 'matrix', tensor('FP32', '[1,5]', '[1,2,3,4,5]'), /dimension 1 must be 4/],
    [
      'fewer values than the shape holds',
      'matrix',
      tensor('FP32', '[1,4]', '[1,2,3]'),
      /shape \[1,4\] needs 4 values, "data" has 3/,
    ],
    [
      'a negative dimension',
      'matrix',
      tensor('FP32', '[-1,4]', '[]'),
      /"shape" must be an array of non-negative integers/,
    ],
    ['no data', 'FP32', '{"name":"x","datatype":"FP32","shape":[1]}', /"data" is missing/],
    [
      'a text where numbers go',
      'FP32',
      tensor('FP32', '[1]', '["1"]'),
      /value "1" at position 0 is not FP32/,
    ],
    [
      'a number out of range',
      'UINT8',
      tensor('UINT8', '[1]', '[256]'),
      /value 256 .* an integer from 0 to 255/,
    ],
    [
      'a string with a NUL, which onnxruntime would cut',
      'BYTES',
      tensor('BYTES', '[1]', '["a\\u0000b"]'),
      /without NUL/,
    ],
    [
      'an index that the model refuses',
      'gather',
      tensor('INT64', '[1]', '[7]', 'index'),
      /model "gather" refused the input: .*out of data bounds/,
    ],
    [
      'binary tensor data',
      'FP32',
      '{"name":"x","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}',
      /needs the header Inference-Header-Content-Length/,
    ],
    [
      'brackets without end',
      'shapeless',
      tensor('FP32', '[1]', `${'['.repeat(50)}1${']'.repeat(50)}`),
      /nested deeper than 32/,
    ],
    ['no JSON', 'FP32', '{', /the body is not JSON/],
  ];
  for (const [what, model, inputs, message] of refusals)
    test(`${what} is refused with 400 and in words`, async () => {
      const response = await served.infer(model, inputs);
      assert.equal(response.status, 400);
      assert.match(await errorOf(response), message);
    });

  test('server, model, version and readiness URLs answer as the protocol says', async () => {
    assert.deepEqual(await (await served.get('/v2')).json(), {
      name: 'souk',
      version: 'test',
      extensions: ['binary_tensor_data'],
    });
    for (const path of [
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/FP32/ready',
      '/v2/models/FP32/versions/1/ready',
      '/v2/',
    ])
      assert.equal((await served.get(path)).status, 200, path);
    assert.equal((await served.get('/v2/models/FP32/versions/2')).status, 404);
    assert.match(
      await errorOf(await served.get('/v2/models/nope')),
      /no model "nope" is served here, but "FP32"/,
    );
    assert.deepEqual(await (await served.get('/v2/models/matrix/versions/1')).json(), {
      name: 'matrix',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
    });
  });

  test('a model whose name needs escaping is found however it is escaped', async () => {
    assert.equal((await served.infer('a name/with é', tensor('FP32', '[1]', '[1]'))).status, 200);
    assert.equal((await served.get('/v2/models/a%20name%2fwith%20%c3%a9/ready')).status, 200);
  });

  test('a model that could not be loaded answers 503 with the reason, and /ping is not well', async () => {
    for (const path of ['/v2/models/BF16', '/v2/models/BF16/ready']) {
      const response = await served.get(path);
      assert.equal(response.status, 503);
      assert.match(await errorOf(response), /"BF16" could not be loaded: input "x" is of type BFLOAT16/);
    }
    assert.equal((await served.get('/ping')).status, 503);
    assert.equal((await served.get('/v2/health/ready')).status, 200);
  });

  test('a method that a path does not take is refused with 405', async () => {
    const response = await served.get('/v2/models/FP32/infer');
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST']);
  });
});
