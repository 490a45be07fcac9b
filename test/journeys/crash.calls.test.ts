import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { operations, type Subscription } from '@souk/contract';
import { answeredMore, type Callers, startCallers, usageAtRest } from './callers.ts';
import { back, isAlive, kill, pidsOf } from './kill.ts';
import { call, createIris, goLive, settled, submit, subscribe } from './publish.ts';
import { type Person, type RunningSouk, removeFolder, signUp, startSouk, until } from './souk.ts';

/** Processes are killed while buyers call. What was answered is counted once; who does not answer calls disturbs none. */
let souk: RunningSouk;
let publisher: Person;
let productId: string;
let buyer: Person;
let subscription: Subscription;

before(async () => {
  souk = await startSouk();
  publisher = await signUp(souk.url, 'publisher');
  const product = await createIris(publisher, 'flowers');
  productId = product.id;
  await goLive(publisher.client, await settled(publisher.client, await submit(publisher.client, productId)));
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

/** Each with a subscription of their own, so that usage tells of their calls only. */
beforeEach(async () => {
  buyer = await signUp(souk.url, 'buyer');
  subscription = await subscribe(buyer.client, 'flowers', 'pay');
  await until(
    'an answer',
    () => call(buyer.client, 'flowers'),
    (r) => r.status === 200,
  );
});

async function calling(during: (callers: Callers) => Promise<void>): Promise<Callers> {
  const callers = startCallers(buyer.client, 'flowers', 4);
  try {
    await answeredMore(callers, 50);
    await during(callers);
    await answeredMore(callers, 50);
  } finally {
    await callers.stop();
  }
  return callers;
}

/** The first answer, before the callers began, counts too. */
async function countedOnce(callers: Callers) {
  const answered = callers.answered + 1;
  const total = await usageAtRest(buyer.client, subscription, answered);
  assert.ok(
    total <= answered + callers.broken,
    `${total} counted, ${answered} answered, ${callers.broken} broken off`,
  );
}

test('a gateway that is killed under calls comes back, and each call that it answered is counted once', async () => {
  const callers = await calling(async (c) => {
    for (let i = 0; i < 3; i++) {
      kill(souk, 'gateway');
      await answeredMore(c, 50);
    }
  });
  await countedOnce(callers);
});

test('a model that is killed is started again and answers; its failures are no usage', async () => {
  const callers = await calling(async (c) => {
    const [killed] = kill(souk, 'model').slice(-1);
    await until(
      'another model',
      async () => pidsOf(souk, 'model').at(-1),
      (pid) => pid !== undefined && pid !== killed,
    );
    await answeredMore(c, 50);
  });
  assert.equal(callers.broken, 0);
  for (const what of callers.refused.keys()) assert.match(what, /^50[23] call\.(down|starting|broke_off)$/);
  await countedOnce(callers);
});

test('while the control plane is killed and comes back, no call fails', async () => {
  const callers = await calling(async (c) => {
    for (let i = 0; i < 2; i++) {
      kill(souk, 'controlPlane');
      const answer = await fetch(`${souk.url}/api/session`);
      assert.ok(answer.status === 503 || answer.status === 200, `${answer.status}`);
      await back(souk);
    }
    await answeredMore(c, 50);
  });
  assert.deepEqual([callers.broken, [...callers.refused]], [0, []]);
  await countedOnce(callers);
});

test('while PostgreSQL is killed no call fails; it is started again, usage arrives, and publishing goes on', async () => {
  const submission = await submit(publisher.client, productId);
  const controlPlane = pidsOf(souk, 'controlPlane');
  const callers = await calling(async () => {
    await until(
      'the trial run',
      () => publisher.client.ok(operations.getSubmission, { params: { submissionId: submission.id } }),
      (s) => s.stage !== 'prerequisites',
    );
    const [killed] = kill(souk, 'postgres');
    await until(
      'another PostgreSQL',
      async () => pidsOf(souk, 'postgres')[0],
      (pid) => pid !== undefined && pid !== killed,
    );
    await back(souk);
  });
  assert.deepEqual([callers.broken, [...callers.refused]], [0, []]);
  await countedOnce(callers);
  const stopped = await settled(publisher.client, submission);
  assert.equal(stopped.stage, 'sign-off', stopped.message);
  assert.deepEqual(pidsOf(souk, 'controlPlane'), controlPlane, 'the control plane outlives its database');
});

test('while PostgreSQL answers nothing for long no call fails; then usage arrives and the API answers', async () => {
  const callers = await calling(async (c) => {
    const pids = pidsOf(souk, 'postgres').concat(souk.children('postgres:'));
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await sleep(15_000);
      await answeredMore(c, 50);
    } finally {
      for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGCONT');
    }
    await back(souk);
  });
  assert.deepEqual([callers.broken, [...callers.refused]], [0, []]);
  await countedOnce(callers);
});
