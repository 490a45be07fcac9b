import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JudgedAnswer, judged } from './calls.judge.ts';

const headers = new Map([['content-type', 'text/csv']]);
const stream = (pieces: string[]) => {
  const told = { cancelled: false, given: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[told.given++];
      if (piece === undefined) controller.close();
      else controller.enqueue(Buffer.from(piece));
    },
    cancel() {
      told.cancelled = true;
    },
  });
  return { body, told };
};

test('an answer that comes in pieces is judged whole, and passed on as it is where it is accepted', async () => {
  const seen: JudgedAnswer[] = [];
  const { body } = stream(['a,', 'b\n']);
  const answer = await judged(
    { status: 200, headers, body },
    {
      bytesMax: 4,
      accepts(given) {
        seen.push(given);
        return true;
      },
    },
  );
  assert.deepEqual(seen, [{ status: 200, contentType: 'text/csv', text: 'a,b\n' }]);
  assert.equal(answer.status, 200);
  assert.equal(Buffer.from(answer.body as Uint8Array).toString(), 'a,b\n');
});

test('an answer that is not accepted counts as a failed one', async () => {
  const answer = await judged(
    { status: 200, headers, body: Buffer.from('x') },
    { bytesMax: 10, accepts: () => false },
  );
  assert.equal(answer.status, 502);
});

test('no more of an answer is read than may be held, whatever the model goes on to say', async () => {
  for (const endless of [true, false]) {
    const seen: (string | null)[] = [];
    const { body, told } = stream(Array.from({ length: 1000 }, () => 'x'.repeat(10)));
    await judged(
      { status: 200, headers, body: endless ? body : Buffer.alloc(26) },
      {
        bytesMax: 25,
        accepts({ text }) {
          seen.push(text);
          return false;
        },
      },
    );
    assert.deepEqual(seen, [null]);
    if (endless) assert.ok(told.cancelled && told.given < 10, `${told.given} pieces were read`);
  }
});
