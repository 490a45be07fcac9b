import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import {
  columnsModel,
  errorOf,
  floatTensor,
  identityModel,
  type Served,
  serving,
  writeModel,
  zipMapModel,
} from './testing.ts';

const json = { 'content-type': 'application/json' };
const csv = { 'content-type': 'text/csv' };

/** Sums all records into one number: an output that cannot be divided by record. */
const totalModel = writeModel({
  inputs: [{ name: 'x', dims: ['N', 2] }],
  outputs: [{ name: 'total', dims: [1] }],
  nodes: [
    { op: 'ReduceSum', inputs: ['x'], outputs: ['sum'] },
    { op: 'Reshape', inputs: ['sum', 'one'], outputs: ['total'] },
  ],
  initializers: [int64Tensor('one', 1)],
});

function int64Tensor(name: string, value: number): Uint8Array {
  const tensor = floatTensor(name, [1], [0]).slice();
  // The same layout as a float tensor, with another type and eight bytes of data.
  const raw = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
  const head = tensor.slice(0, tensor.length - 6);
  head[3] = 7;
  return Buffer.concat([head, Uint8Array.of(0x4a, 8), raw]);
}

suite('POST /invocations', () => {
  let served: Served;

  before(async () => {
    served = await serving({
      matrix: identityModel(1, ['N', 2]),
      one: identityModel(1, [1, 2]),
      image: identityModel(1, ['N', 2, 2]),
      vector: identityModel(7),
      scalar: identityModel(1, []),
      text: identityModel(8),
      columns: columnsModel(),
      zipmap: zipMapModel(),
      total: totalModel,
      any: identityModel(1, ['N', 'M']),
    });
  });

  const invoke = async (body: string, headers: Record<string, string>, model: string) => {
    const response = await served.invoke(body, headers, model);
    return [response.status, response.headers.get('content-type'), await response.text()] as const;
  };
  const asJson = async (body: string, model: string) => {
    const [status, type, text] = await invoke(body, json, model);
    assert.equal(status, 200, `${text}`);
    assert.equal(type, 'application/json');
    return text;
  };
  const refusal = async (body: string, headers: Record<string, string>, model: string, status = 400) => {
    const response = await served.invoke(body, headers, model);
    assert.equal(response.status, status);
    return await errorOf(response);
  };

  test('tensors by input name are answered by output name', async () => {
    assert.equal(await asJson('{"x":[[1,2],[3,4]]}', 'matrix'), '{"y":[[1,2],[3,4]]}');
    assert.equal(await asJson('{"x":5}', 'scalar'), '{"y":5}');
    assert.equal(await asJson('{"x":[]}', 'matrix'), '{"y":[]}');
  });

  test('tensors under "inputs" are answered under "outputs"', async () => {
    assert.equal(await asJson('{"inputs":{"x":[[1,2]]}}', 'matrix'), '{"outputs":{"y":[[1,2]]}}');
    assert.equal(await asJson('{"inputs":[[1,2]]}', 'matrix'), '{"outputs":{"y":[[1,2]]}}');
  });

  test('records, under "instances" or bare, are answered as predictions, one each', async () => {
    const predictions = '{"predictions":[[1,2],[3,4]]}';
    assert.equal(await asJson('{"instances":[[1,2],[3,4]]}', 'matrix'), predictions);
    assert.equal(await asJson('[[1,2],[3,4]]', 'matrix'), predictions);
    assert.equal(await asJson('[{"x":[1,2]},{"x":[3,4]}]', 'matrix'), predictions);
    assert.equal(await asJson('[1,2]', 'matrix'), '{"predictions":[[1,2]]}');
    assert.equal(await asJson('[9007199254740993,2]', 'vector'), '{"predictions":[9007199254740993,2]}');
    assert.equal(await asJson('[]', 'matrix'), '{"predictions":[]}');
  });

  test('a record may be flat where the shape is fixed', async () => {
    const predictions = '{"predictions":[[[1,2],[3,4]]]}';
    assert.equal(await asJson('[[[1,2],[3,4]]]', 'image'), predictions);
    assert.equal(await asJson('[[1,2,3,4]]', 'image'), predictions);
    assert.match(await refusal('[[1,2,3]]', json, 'image'), /a record has the shape \[3\], expected \[2,2\]/);
  });

  test('a model that takes one record a run answers many, each by its own run', async () => {
    assert.equal(await asJson('[[1,2],[3,4],[5,6]]', 'one'), '{"predictions":[[1,2],[3,4],[5,6]]}');
    assert.deepEqual(await invoke('1,2\n3,4\n', csv, 'one'), [200, 'text/csv; charset=utf-8', '1,2\n3,4\n']);
  });

  test('records of several inputs are objects by name, or rows of columns in the order of the model', async () => {
    const predictions = '{"predictions":[{"same_age":[7],"same_city":["Rom"]}]}';
    assert.equal(await asJson('[{"age":[7],"city":["Rom"]}]', 'columns'), predictions);
    assert.equal(await asJson('[[7,"Rom"]]', 'columns'), predictions);
    assert.match(
      await refusal('[{"age":[7],"city":["Rom"]},{"age":[7]}]', json, 'columns'),
      /record 2 has "age", record 1 has "age", "city"/,
    );
    assert.match(
      await refusal('[[7]]', json, 'columns'),
      /1 columns, the model takes 2: 1 for "age", 1 for "city"/,
    );
  });

  test('CSV goes to the inputs by position, or by the names of a header line that is announced', async () => {
    const byPosition = await invoke('7,Rom\n8,"Bad ""X"", Y"\n', csv, 'columns');
    assert.equal(byPosition[2], '7,Rom\n8,"Bad ""X"", Y"\n');
    const header = { 'content-type': 'text/csv; header=present', accept: 'text/csv; header=present' };
    assert.equal(
      (await invoke('city,age\r\nRom,7\r\n', header, 'columns'))[2],
      'same_age,same_city\n7,Rom\n',
    );
    assert.equal((await invoke('a,b\n1,2', header, 'matrix'))[2], 'y_0,y_1\n1,2\n');
  });

  test('CSV keeps 64-bit integers, NaN and infinities, and empty lines of text', async () => {
    assert.equal((await invoke('9007199254740993\n-1\n', csv, 'vector'))[2], '9007199254740993\n-1\n');
    assert.equal((await invoke('NaN,-inf\n1e3,.5\n', csv, 'matrix'))[2], 'NaN,-Infinity\n1000,0.5\n');
  });

  test('CSV that does not fit is refused with the line', async () => {
    assert.equal(await refusal('1,2\n3,4,5\n', csv, 'matrix'), 'line 2 has 3 columns, line 1 has 2');
    assert.match(await refusal('1,2,3\n', csv, 'matrix'), /^line 1 has 3 columns, the model takes 2/);
    assert.match(await refusal('a,b\n1,2\n', csv, 'matrix'), /^line 1: "a" is not a number.*header=present/);
    assert.match(await refusal('1,2\n3,\n', csv, 'matrix'), /^line 2: an empty field.*write NaN/);
    assert.match(await refusal('7,"Rom\n', csv, 'columns'), /^line 1: a quoted field is not closed/);
    assert.match(await refusal('7,"R"om\n', csv, 'columns'), /^line 1: a comma or a line end must follow/);
    assert.match(await refusal('', csv, 'matrix'), /no records/);
    assert.match(await refusal('7,"a\nb"\n8,c,d\n', csv, 'columns'), /^line 3 has 3 columns/);
  });

  test('a ZipMap answers label and a probability for each class', async () => {
    assert.equal(
      await asJson('[[0.25,0.75]]', 'zipmap'),
      '{"predictions":[{"output_label":1,"output_probability":{"no":0.25,"yes":0.75}}]}',
    );
    assert.equal(
      await asJson('{"x":[[0.25,0.75]]}', 'zipmap'),
      '{"output_label":[1],"output_probability":[{"no":0.25,"yes":0.75}]}',
    );
    const accept = { ...json, accept: 'text/csv; header=present' };
    assert.equal(
      (await invoke('[[0.25,0.75]]', accept, 'zipmap'))[2],
      'output_label,output_probability_no,output_probability_yes\n1,0.25,0.75\n',
    );
  });

  test('an output that cannot be divided by record is refused with the form that can be answered', async () => {
    assert.equal(await asJson('[[1,2]]', 'total'), '{"predictions":[3]}');
    assert.match(
      await refusal('[[1,2],[3,4]]', json, 'total'),
      /cannot be divided into 2 records: send \{"inputs"/,
    );
    assert.equal(await asJson('{"inputs":[[1,2],[3,4]]}', 'total'), '{"outputs":{"total":[10]}}');
  });

  test('records of varying length are taken where they are all the model varies in', async () => {
    assert.equal((await invoke('1,2,3\n4,5,6\n', csv, 'any'))[2], '1,2,3\n4,5,6\n');
    assert.match(await refusal('[[1,2],[3]]', json, 'any'), /^record 2: input "x": the array is ragged/);
  });

  test('an Open Inference Protocol body is answered as one', async () => {
    const body = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}';
    assert.match(await asJson(body, 'matrix'), /"model_name":"matrix".*"shape":\[1,2\],"data":\[1,2\]/);
  });

  test('Content-Type and Accept decide the formats, and others are refused with those that are supported', async () => {
    assert.match(
      await refusal('x', { 'content-type': 'text/plain' }, 'matrix', 415),
      /text\/plain is not supported: send application\/json and text\/csv/,
    );
    assert.match(await refusal('x', {}, 'matrix', 415), /text\/plain|missing/);
    assert.match(
      await refusal('1,2', { ...csv, accept: 'image/png' }, 'matrix', 406),
      /image\/png.*application\/json and text\/csv/,
    );
    assert.match(
      await refusal('1,2', { 'content-type': 'text/csv; charset=klingon' }, 'matrix', 415),
      /charset "klingon"/,
    );
    const preferring = { ...csv, accept: 'text/csv;q=0.5, application/json' };
    assert.equal((await invoke('1,2', preferring, 'matrix'))[2], '{"predictions":[[1,2]]}');
    assert.equal(
      (await invoke('[[1,2]]', { ...json, accept: '*/*' }, 'matrix'))[2],
      '{"predictions":[[1,2]]}',
    );
  });

  test('text in another charset is decoded, and bytes that are not of it are refused', async () => {
    const send = (charset: string) =>
      served.handler(
        new Request('http://localhost/invocations', {
          method: 'POST',
          body: Uint8Array.of(0x73, 0xfc, 0x64),
          headers: {
            'content-type': `text/csv; charset=${charset}`,
            'content-length': '3',
            'x-amzn-sagemaker-target-model': 'text',
          },
        }),
      );
    assert.equal(await (await send('ISO-8859-1')).text(), 'süd\n');
    assert.match(await errorOf(await send('UTF-8')), /not valid utf-8/);
  });

  test('a body over the limit is refused with the limit, announced or not', async () => {
    const small = await serving({ matrix: identityModel(1, ['N', 2]) }, 100);
    const body = `[[1,${'0'.repeat(200)}]]`;
    const announced = await small.invoke(body, json);
    assert.equal(announced.status, 413);
    assert.match(await errorOf(announced), /at most 100 bytes/);
    const chunked = await small.handler(
      new Request('http://localhost/invocations', { method: 'POST', body, headers: json }),
    );
    assert.equal(chunked.status, 413);
    assert.equal((await small.invoke('[[1,2]]', json)).status, 200);
  });

  test('the model is the one named, the only one, or asked for', async () => {
    assert.match(await refusal('[[1,2]]', json, 'nope', 404), /no model "nope"/);
    const unnamed = await served.invoke('[[1,2]]', json);
    assert.match(await errorOf(unnamed), /several models.*X-Amzn-SageMaker-Target-Model/);
  });

  test('/ping is an empty 200 and /execution-parameters tells batch transform what is taken', async () => {
    const ping = await served.get('/ping');
    assert.deepEqual([ping.status, await ping.text()], [200, '']);
    const one = await serving({ one: identityModel(1, [1, 2]) }, 25_000_000);
    assert.deepEqual(await (await one.get('/execution-parameters')).json(), {
      MaxConcurrentTransforms: 2,
      BatchStrategy: 'SINGLE_RECORD',
      MaxPayloadInMB: 23,
    });
  });
});
