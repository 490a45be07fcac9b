import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import type { Submission } from '@souk/contract';
import Fastify, { type FastifyReply } from 'fastify';
import pg from 'pg';
import { testServer } from '../../../test/platform.ts';
import { gate, testPublishing } from '../../../test/publishing.ts';
import { sql } from '../../platform/db.ts';
import { follow } from '../../platform/event-stream.ts';
import { publishingRoutes } from './index.ts';
import { isOver } from './publishing.ts';
import type { Stage } from './stages/stage.ts';

const market = await testPublishing();
const { db, platform, publishing, publisher, product, runner } = market;
const passing: Stage = {
  reads: async (s) => s.revisionId,
  run: async () => ({ kind: 'passed', summary: 'Good.' }),
};

const followSubmission = (reply: FastifyReply, id: string, read: () => Promise<Submission>) =>
  follow(reply, platform.notifications, {
    channel: 'souk_submission',
    id,
    event: 'submission',
    read,
    isOver: (now) => isOver(now.state),
  });

async function submitted() {
  const caller = await publisher();
  return { caller, s: await publishing.submit(caller, (await product(caller)).id, {}) };
}
function newServer() {
  return testServer(platform, publishingRoutes(publishing, market.products.owns, platform.notifications));
}
const server = newServer();
const url = await server.listen();

/** Follows as a browser does: the submissions told so far, and a promise of the stream's end. */
async function followed(
  caller: { accountId: string; personId: string },
  id: string,
  at = url,
  send = server.send,
) {
  // The one server of tests knows callers by a header; this request makes the caller known.
  await send(caller as never, { method: 'GET', url: '/api/pipeline' });
  const told: Submission[] = [];
  const answer = await fetch(`${at}/api/submissions/${id}/events`, {
    headers: { 'x-test-caller': `${caller.accountId}/${caller.personId}` },
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
  const ended = (async () => {
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data) told.push(JSON.parse(data) as Submission);
      }
    }
  })();
  const until = async (holds: (s: Submission) => boolean) => {
    for (let i = 0; i < 200; i++) {
      const last = told.at(-1);
      if (last && holds(last)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.fail(`not told: ${JSON.stringify(told.map((s) => [s.state, s.stage]))}`);
  };
  return { told, ended, until };
}
const at = (stage: string) => (s: Submission) => s.stage === stage;

test('a follower is told the submission as it is, each change, the last state, and then the stream ends', async () => {
  const { caller, s } = await submitted();
  const { told, ended, until } = await followed(caller, s.id);
  await until(at('prerequisites'));
  await runner({ prerequisites: passing }).run(s.id, 'prerequisites');
  await until(at('certification'));
  await publishing.cancel(caller, s.id);
  await ended;
  assert.equal(told.at(-1)?.state, 'cancelled');
  assert.deepEqual(told.at(-1), await publishing.view(s.id));
});

test('who follows a submission that is over is told so, and the stream ends', async () => {
  const { caller, s } = await submitted();
  await publishing.cancel(caller, s.id);
  const { told, ended } = await followed(caller, s.id);
  await ended;
  assert.deepEqual(
    told.map((x) => x.state),
    ['cancelled'],
  );
});

test('a change that was told while the database connection was broken is told after it', async () => {
  const { caller, s } = await submitted();
  const { ended, until } = await followed(caller, s.id);
  await until(at('prerequisites'));
  const name = market.url.split('/').at(-1) ?? '';
  const admin = new pg.Client({ connectionString: market.url.replace(/\/\w+$/, '/postgres') });
  await admin.connect();
  await admin.query(`alter database ${name} allow_connections false`);
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query ilike 'listen%'",
    [name],
  );
  // Over a connection that stands; nobody can listen now.
  await publishing.cancel(caller, s.id);
  await admin.query(`alter database ${name} allow_connections true`);
  await admin.end();
  await until((x) => x.state === 'cancelled');
  await ended;
});

test('a stream ends when its submission cannot be read, so that the follower connects again', async () => {
  const app = Fastify();
  app.get('/', (_request, reply) =>
    followSubmission(reply, 'sbm_x', async () => {
      throw new Error('no database');
    }),
  );
  const at = await app.listen({ port: 0, host: '127.0.0.1' });
  assert.equal(await (await fetch(at)).text(), '');
  await app.close();
});

test('a stream that is ended while its submission is read harms nobody', async () => {
  const { s } = await submitted();
  const reading = gate();
  const ended = gate();
  const app = Fastify();
  app.get('/', async (_request, reply) => {
    void reading.opened.then(() => {
      // As a server that closes does.
      reply.raw.end();
      ended.open();
    });
    return followSubmission(reply, s.id, async () => {
      const now = await publishing.view(s.id);
      reading.open();
      await ended.opened;
      return now;
    });
  });
  const at = await app.listen({ port: 0, host: '127.0.0.1' });
  // Written to all the same, it would be an error that nobody catches, and end the process.
  assert.equal(await (await fetch(at)).text(), '');
  await app.close();
});

test('a server that closes ends its streams instead of waiting for their readers', async () => {
  const { caller, s } = await submitted();
  const own = newServer();
  const stream = await followed(caller, s.id, await own.listen(), own.send);
  await stream.until(at('prerequisites'));
  const closing = performance.now();
  await own.app.close();
  await stream.ended;
  assert.ok(performance.now() - closing < 2000);
});

test('a follower that reads nothing is not written a backlog', async () => {
  const { s } = await submitted();
  let reads = 0;
  const app = Fastify();
  const large = { ...(await publishing.view(s.id)), message: 'x'.repeat(2_000_000) };
  app.get('/', (_request, reply) =>
    followSubmission(reply, s.id, async () => {
      reads++;
      return large;
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  for (let i = 0; i < 20; i++) {
    await sql`update submissions set updated_at = now() where id = ${s.id}`.execute(db);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(reads < 10, `${reads} reads for a reader that takes nothing`);
  socket.destroy();
  await once(socket, 'close');
  await app.close();
});
