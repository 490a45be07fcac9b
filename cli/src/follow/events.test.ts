import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsNamed } from './events.ts';

const stream = (...chunks: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
const read = async (...chunks: string[]) => Array.fromAsync(eventsNamed(stream(...chunks), 'submission'));

test('events are found whatever the cut of the chunks and the kind of line end', async () => {
  const text =
    ': hello\r\nevent: submission\r\ndata: {"a":\r\ndata: 1}\r\n\r\nevent: other\ndata: x\n\nevent:submission\rdata:2\r\r';
  const wanted = ['{"a":\n1}', '2'];
  assert.deepEqual(await read(`${text}\n`), wanted);
  assert.deepEqual(await read(...`${text}\n`), wanted);
});

test('an event that was not finished is not told', async () => {
  assert.deepEqual(await read('event: submission\ndata: 1\n\nevent: submission\ndata: 2\n'), ['1']);
});
