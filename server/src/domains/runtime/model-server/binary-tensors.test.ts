import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { columnsModel, errorOf, identityModel, type Served, serving } from './testing.ts';

const types: readonly [id: number, datatype: string, sample: Uint8Array, values: number][] = [
  [1, 'FP32', bytes(new Float32Array([0.5, -1.25, Number.NaN])), 3],
  [2, 'UINT8', new Uint8Array([0, 7, 255]), 3],
  [3, 'INT8', bytes(new Int8Array([-128, 0, 127])), 3],
  [4, 'UINT16', bytes(new Uint16Array([0, 7, 65_535])), 3],
  [5, 'INT16', bytes(new Int16Array([-32_768, 0, 32_767])), 3],
  [6, 'INT32', bytes(new Int32Array([-(2 ** 31), 0, 2 ** 31 - 1])), 3],
  [7, 'INT64', bytes(new BigInt64Array([-(2n ** 63n), 9_007_199_254_740_993n])), 2],
  [8, 'BYTES', Buffer.concat(['', 'süd', 'a"b'].map(element)), 3],
  [9, 'BOOL', new Uint8Array([1, 0, 1]), 3],
  [10, 'FP16', bytes(new Uint16Array([0x3800, 0xbd00, 0x7bff])), 3],
  [11, 'FP64', bytes(new Float64Array([0.1, -1e300, 5e-324])), 3],
  [12, 'UINT32', bytes(new Uint32Array([0, 7, 2 ** 32 - 1])), 3],
  [13, 'UINT64', bytes(new BigUint64Array([0n, 2n ** 64n - 1n])), 2],
];

function bytes(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}
function element(text: string): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

suite('binary tensor data', () => {
  let served: Served;

  before(async () => {
    served = await serving({
      ...Object.fromEntries(types.map(([id, datatype]) => [datatype, identityModel(id)])),
      columns: columnsModel(),
    });
  });

  function send(model: string, header: unknown, data: Uint8Array, announced?: string): Promise<Response> {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const body = Buffer.concat([json, data]);
    return served.handler(
      new Request(`http://localhost/v2/models/${model}/infer`, {
        method: 'POST',
        body,
        headers: {
          'content-length': `${body.length}`,
          'inference-header-content-length': announced ?? `${json.length}`,
        },
      }),
    );
  }
  const input = (datatype: string, shape: number[], size: number, name = 'x') => ({
    name,
    datatype,
    shape,
    parameters: { binary_data_size: size },
  });

  for (const [, datatype, sample, count] of types)
    test(`${datatype} goes in and comes out byte for byte`, async () => {
      const answer = await send(
        datatype,
        { inputs: [input(datatype, [count], sample.length)], parameters: { binary_data_output: true } },
        sample,
      );
      const body = Buffer.from(await answer.arrayBuffer());
      assert.equal(answer.status, 200, body.toString());
      const length = Number(answer.headers.get('inference-header-content-length'));
      const said = JSON.parse(body.subarray(0, length).toString()) as { outputs: unknown[] };
      assert.deepEqual(said.outputs, [
        { name: 'y', datatype, shape: [count], parameters: { binary_data_size: sample.length } },
      ]);
      assert.deepEqual([...body.subarray(length)], [...sample]);
    });

  test('the same tensor as JSON and as bytes is answered alike', async () => {
    for (let i = 0; i < 20; i++) {
      const values = Float32Array.from({ length: 1 + i }, () => Math.random() * 10 ** (i % 7));
      const asBytes = await send(
        'FP32',
        { inputs: [input('FP32', [values.length], values.byteLength)] },
        bytes(values),
      );
      const asJson = await served.infer(
        'FP32',
        `{"name":"x","datatype":"FP32","shape":[${values.length}],"data":[${[...values].join(',')}]}`,
      );
      assert.equal(await asBytes.text(), await asJson.text());
      assert.equal(asBytes.headers.get('content-type'), 'application/json');
    }
  });

  test('one input as bytes and one as JSON, one output as bytes and one as JSON', async () => {
    const ages = bytes(new Float32Array([41, 7]));
    const answer = await send(
      'columns',
      {
        inputs: [
          input('FP32', [2, 1], ages.length, 'age'),
          { name: 'city', datatype: 'BYTES', shape: [2, 1], data: ['Ur', 'Uruk'] },
        ],
        outputs: [
          { name: 'same_city', parameters: { binary_data: true } },
          { name: 'same_age', parameters: { binary_data: false } },
        ],
      },
      ages,
    );
    const body = Buffer.from(await answer.arrayBuffer());
    const length = Number(answer.headers.get('inference-header-content-length'));
    assert.ok(body.subarray(0, length).toString().endsWith('"shape":[2,1],"data":[41,7]}]}'));
    assert.deepEqual(body.subarray(length), Buffer.concat([element('Ur'), element('Uruk')]));
  });

  const good = bytes(new Float32Array([1, 2]));
  const refusals: [string, string, unknown, Uint8Array, RegExp, string?][] = [
    ['a header length beyond the body', 'FP32', '{}', good, /body has 10 bytes/, '11'],
    ['a header length of nothing', 'FP32', '{}', good, /Content-Length is "0"/, '0'],
    ['a header length that is no number', 'FP32', '{}', good, /Content-Length is "-2"/, '-2'],
    [
      'a tensor longer than what is left',
      'FP32',
      { inputs: [input('FP32', [3], 12)] },
      good,
      /only 8 bytes are left/,
    ],
    [
      'a size that does not fit the shape',
      'FP32',
      { inputs: [input('FP32', [3], 8)] },
      good,
      /needs 12 bytes/,
    ],
    [
      'a size that is no number',
      'FP32',
      { inputs: [{ ...input('FP32', [2], 8), parameters: { binary_data_size: '8' } }] },
      good,
      /must be the number/,
    ],
    [
      'bytes that belong to nobody',
      'FP32',
      { inputs: [input('FP32', [1], 4)] },
      good,
      /4 bytes of the body belong to no input/,
    ],
    [
      'a tensor given twice over',
      'FP32',
      { inputs: [{ ...input('FP32', [2], 8), data: [1, 2] }] },
      good,
      /either "data" or "binary_data_size"/,
    ],
    [
      'a BOOL that is neither',
      'BOOL',
      { inputs: [input('BOOL', [2], 2)] },
      new Uint8Array([1, 2]),
      /byte 2 at position 1/,
    ],
    [
      'an element cut off',
      'BYTES',
      { inputs: [input('BYTES', [1], 5)] },
      Buffer.from([9, 0, 0, 0, 65]),
      /end inside element 0/,
    ],
    ['too few elements', 'BYTES', { inputs: [input('BYTES', [2], 5)] }, element('A'), /needs 2 elements/],
    [
      'too many elements',
      'BYTES',
      { inputs: [input('BYTES', [1], 10)] },
      Buffer.concat([element('A'), element('B')]),
      /5 bytes are left after 1/,
    ],
    [
      'a shape of a billion over few bytes',
      'BYTES',
      { inputs: [input('BYTES', [1e9], 5)] },
      element('A'),
      /the bytes end before/,
    ],
    [
      'text that is no UTF-8',
      'BYTES',
      { inputs: [input('BYTES', [1], 5)] },
      Buffer.from([1, 0, 0, 0, 255]),
      /element 0 is not valid UTF-8/,
    ],
    [
      'an output form that is no flag',
      'FP32',
      { inputs: [input('FP32', [2], 8)], parameters: { binary_data_output: 1 } },
      good,
      /must be true or false/,
    ],
  ];
  for (const [name, model, header, data, expected, announced] of refusals)
    test(`${name} is refused in words`, async () => {
      const answer = await send(model, header, data, announced);
      assert.equal(answer.status, 400);
      assert.match(await errorOf(answer), expected);
    });
});
