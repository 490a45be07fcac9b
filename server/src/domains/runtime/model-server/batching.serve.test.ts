import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandler } from './handler.ts';
import { Models } from './models.ts';
import { columnsModel, gatherModel, modelFolder } from './testing.ts';

/** Real models behind the real handler, with batching on. */
async function batching(files: Record<string, Uint8Array>) {
  const folder = modelFolder(files);
  const models = new Models(Object.keys(files).map((name) => ({ name, path: `${folder}/${name}` })));
  await models.load(1, { windowMs: 5, recordsMax: 32 });
  const handler = createHandler(models, {
    bodyBytesMax: 1_000_000,
    cores: 1,
    serverVersion: 'test',
    onFault: () => undefined,
  });
  return async (model: string, inputs: object[]) => {
    const body = JSON.stringify({ inputs });
    const answer = await handler(
      new Request(`http://localhost/v2/models/${model}/infer`, {
        method: 'POST',
        body,
        headers: { 'content-length': `${Buffer.byteLength(body)}` },
      }),
    );
    return (await answer.json()) as { error?: string; outputs: { name: string; data: unknown[] }[] };
  };
}

test('a hundred callers at once get their own numbers and texts back', async () => {
  const infer = await batching({ columns: columnsModel() });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      infer('columns', [
        { name: 'age', datatype: 'FP32', shape: [1 + (i % 3), 1], data: Array(1 + (i % 3)).fill(i) },
        {
          name: 'city',
          datatype: 'BYTES',
          shape: [1 + (i % 3), 1],
          data: Array(1 + (i % 3)).fill(`city ${i}`),
        },
      ]),
    ),
  );
  for (const [i, { outputs }] of answers.entries()) {
    assert.deepEqual(outputs.find((o) => o.name === 'same_age')?.data, Array(1 + (i % 3)).fill(i));
    assert.deepEqual(outputs.find((o) => o.name === 'same_city')?.data, Array(1 + (i % 3)).fill(`city ${i}`));
  }
});

test('a call that the model refuses does not spoil those that came with it', async () => {
  const infer = await batching({ gather: gatherModel() });
  const index = (value: number) => [{ name: 'index', datatype: 'INT64', shape: [1], data: [value] }];
  const [first, wrong, last] = await Promise.all([0, 9, 2].map((i) => infer('gather', index(i))));
  assert.deepEqual(first?.outputs[0]?.data, [0, 1]);
  assert.match(wrong?.error ?? '', /refused the input/);
  assert.deepEqual(last?.outputs[0]?.data, [4, 5]);
});
