import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Submission } from '@souk/contract';
import { Cut, type Handlers, serveContract } from '../testing/contract-server.ts';
import { runSouk } from '../testing/run-souk.ts';
import { id, product, stage, submission } from '../testing/samples.ts';

const passed = stage({ stage: 'prerequisites', state: 'passed', summary: 'The document is complete.' });
const running = submission();
const waiting = submission({
  state: 'waiting',
  stage: 'sign-off',
  waitsFor: 'publisher',
  message: 'Test it, then go live.',
  stages: [passed, stage({ stage: 'sign-off', state: 'waiting', acts: 'publisher' })],
});
const refused = submission({
  state: 'refused',
  waitsFor: null,
  message: 'The model has a pickle.',
  stages: [
    stage({
      stage: 'certification',
      state: 'refused',
      findings: [
        {
          rule: 'r',
          code: 'content.pickle',
          severity: 'error',
          file: 'weights.pkl',
          pointer: null,
          line: null,
          message: 'This is a pickle.',
          remedy: 'Leave it out.',
        },
      ],
    }),
  ],
});

/** Serves the states one after the other as events; asked for the state, it tells the one that was reached. */
function pipeline(states: readonly Submission[], how: 'events' | 'no-events' | 'cut'): Handlers {
  let at = 0;
  const now = () => states[Math.min(at, states.length - 1)] ?? running;
  return {
    listProducts: () => ({ items: [product()], nextCursor: null }),
    listSubmissions: () => ({ items: [running], nextCursor: null }),
    submitProduct: () => running,
    getSubmission: () => {
      const state = now();
      if (how !== 'events') at += 1;
      return state;
    },
    followSubmission: ({ response }) => {
      if (how === 'no-events') {
        response.writeHead(200, { 'content-type': 'text/html' }).end('a proxy');
        return;
      }
      if (how === 'cut') throw new Cut();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const state of states) response.write(`event: submission\ndata: ${JSON.stringify(state)}\n\n`);
      at = states.length;
      response.end();
    },
  };
}

for (const how of ['events', 'no-events', 'cut'] as const)
  test(`following stops at the sign-off and says what to do next (${how})`, async () => {
    await using server = await serveContract(pipeline([running, waiting], how));
    const ran = await runSouk(['submit', 'iris', '--follow'], { url: server.url });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /state +waiting/);
    assert.match(ran.stderr, /✓ prerequisites .*The document is complete\./);
    assert.match(ran.stderr, new RegExp(`souk sign-off ${id('sbm')} --revision 1`));
  });

test('a refusal shows its findings and ends with 1', async () => {
  await using server = await serveContract(pipeline([running, refused], 'events'));
  const ran = await runSouk(['submit', 'iris', '--follow'], { url: server.url });
  assert.equal(ran.code, 1);
  for (const part of ['weights.pkl', 'This is a pickle.', '→ Leave it out.', 'The model has a pickle.'])
    assert.ok(ran.stderr.includes(part), part);
});

test('a submission that the marketplace holds is not told as the publisher’s mistake, and ends with 9', async () => {
  const held = submission({ state: 'held', waitsFor: 'operator', message: 'The scanner is away.' });
  await using server = await serveContract(pipeline([running, held], 'events'));
  const byId = await runSouk(['submissions', 'follow', running.id, '--json'], { url: server.url });
  assert.equal(byId.code, 9);
  assert.deepEqual(
    byId.json.map((s) => (s as Submission).state),
    ['running', 'held'],
  );
});

test('with --json each change is a line and the last line is where it stopped', async () => {
  const released = submission({ state: 'released', waitsFor: null, stages: [passed] });
  await using server = await serveContract(pipeline([running, running, released], 'events'));
  const ran = await runSouk(['submit', 'iris', '--follow', '--json'], { url: server.url });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(
    ran.json.map((s) => (s as Submission).state),
    ['running', 'released'],
  );
});

test('without --follow, away from a terminal, it does not wait', async () => {
  await using server = await serveContract(pipeline([running], 'events'));
  const ran = await runSouk(['submit', 'iris', '--json'], { url: server.url });
  assert.deepEqual([ran.code, ran.json], [0, [running]]);
  assert.ok(!server.log.some((line) => line.includes('/events')));
});
