import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { listening } from '../../../test/gateway.ts';
import type { Deadline } from './calls.deadlines.ts';
import { type ModelRequest, newModelClient, tookNoConnection } from './model-client.ts';

const noDeadline = (): Deadline => ({
  ended: undefined,
  onEnd: undefined,
  extend() {},
  remove() {},
});
const request = (values: Partial<ModelRequest> = {}): ModelRequest => ({
  method: 'POST',
  path: '/invocations',
  headers: {},
  body: Buffer.from('body'),
  lengthBytes: undefined,
  ...values,
});
const textOf = async (body: Uint8Array | ReadableStream<Uint8Array>) =>
  body instanceof Uint8Array ? Buffer.from(body).toString() : await new Response(body).text();

async function server(listener: RequestListener) {
  const ports = new Set<number>();
  const { port, close } = await listening((incoming, outgoing) => {
    ports.add(incoming.socket.remotePort ?? 0);
    listener(incoming, outgoing);
  });
  return { address: { url: `http://127.0.0.1:${port}` }, connections: () => ports.size, close };
}

/** A server of bytes. */
async function rawServer(answer: (socket: Socket, turn: number) => void) {
  let turn = 0;
  const raw = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => answer(socket, ++turn));
  });
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  after(() => raw.close());
  const address = raw.address();
  return { url: `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}` };
}

const hash = async (chunks: AsyncIterable<Uint8Array>) => {
  const sum = createHash('sha256');
  for await (const chunk of chunks) sum.update(chunk);
  return sum.digest('hex');
};
const large = Buffer.alloc(5_000_000, 'model ');
const largeHash = createHash('sha256').update(large).digest('hex');
const parts = () =>
  new ReadableStream<Uint8Array>({
    async start(controller) {
      for (let at = 0; at < large.length; at += 70_001) controller.enqueue(large.subarray(at, at + 70_001));
      controller.close();
    },
  });

test('one connection serves call after call', async () => {
  const { address, connections } = await server(async (incoming, outgoing) => {
    outgoing.end(
      `${incoming.method} ${incoming.url} ${incoming.headers.accept} ${incoming.headers['content-length']}`,
    );
  });
  const ask = newModelClient();
  for (let i = 0; i < 20; i++) {
    const { status, body } = await ask(address, request({ headers: { accept: 'a/b' } }), noDeadline());
    assert.deepEqual([status, await textOf(body)], [200, 'POST /invocations a/b 4']);
  }
  assert.equal(connections(), 1);
});

test('calls at the same time never see each other’s answers', async () => {
  const { address, connections } = await server(async (incoming, outgoing) => {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    await pause(Math.random() * 10);
    outgoing.end(text);
  });
  const ask = newModelClient();
  const one = async (i: number) => {
    const { body } = await ask(address, request({ body: Buffer.from(`call ${i}`) }), noDeadline());
    assert.equal(await textOf(body), `call ${i}`);
  };
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 50 }, (_, i) => one(round * 50 + i)));
  assert.ok(connections() <= 50);
});

test('large bodies go through whole in both directions, with and without a length', async () => {
  const { address } = await server(async (incoming, outgoing) => {
    const got = await hash(incoming);
    outgoing.setHeader('x-got', got);
    if (incoming.headers['content-length']) outgoing.setHeader('content-length', large.length);
    outgoing.end(large);
  });
  const ask = newModelClient();
  for (const lengthBytes of [large.length, undefined]) {
    const { headers, body } = await ask(address, request({ body: parts(), lengthBytes }), noDeadline());
    assert.equal(headers.get('x-got'), largeHash);
    assert.ok(body instanceof ReadableStream);
    assert.equal(await hash(body), largeHash);
  }
});

test('a reader who is slow holds the model server back', async () => {
  let written = 0;
  const { address } = await server((_incoming, outgoing) => {
    const more = () => {
      while (written < 200_000_000) {
        written += 1_000_000;
        if (!outgoing.write(Buffer.alloc(1_000_000))) return void outgoing.once('drain', more);
      }
      outgoing.end();
    };
    more();
  });
  const { body } = await newModelClient()(address, request(), noDeadline());
  assert.ok(body instanceof ReadableStream);
  await pause(300);
  assert.ok(written < 30_000_000, `${written} bytes were taken with nobody reading`);
  await body.cancel();
});

test('a caller who breaks off sending ends the call at the model server', async () => {
  let ended: string | undefined;
  const { address } = await server((incoming) => {
    incoming.on('error', (error) => {
      ended = error.message;
    });
    incoming.resume();
  });
  const broken = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(Buffer.alloc(100_000));
      await pause(20);
      controller.error(new Error('the caller left'));
    },
  });
  await assert.rejects(newModelClient()(address, request({ body: broken }), noDeadline()), /the caller left/);
  await pause(50);
  assert.equal(ended, 'aborted');
});

test('a call whose time is up ends, and its connection with it', async () => {
  let gone = false;
  const { address } = await server((incoming) => {
    incoming.socket.once('close', () => {
      gone = true;
    });
  });
  const deadline = noDeadline();
  const answer = newModelClient()(address, request(), deadline);
  await pause(50);
  deadline.onEnd?.(new Error('time'));
  await assert.rejects(answer, /time/);
  await pause(50);
  assert.ok(gone);
});

test('a server that closes after an answer is connected to again', async () => {
  const { address, connections } = await server((_incoming, outgoing) => {
    outgoing.setHeader('connection', 'close');
    outgoing.end('ok');
  });
  const ask = newModelClient();
  for (let i = 0; i < 3; i++) assert.equal((await ask(address, request(), noDeadline())).status, 200);
  assert.equal(connections(), 3);
});

test('a kept connection that the server has closed is not used', async () => {
  const address = await rawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    setTimeout(() => socket.end(), 10);
  });
  const ask = newModelClient();
  for (let i = 0; i < 5; i++) {
    assert.equal(await textOf((await ask(address, request(), noDeadline())).body), 'ok');
    await pause(50);
  }
});

test('an answer before the body is all sent is taken, and the connection given up', async () => {
  const { address } = await server((_incoming, outgoing) => {
    outgoing.writeHead(413, { 'content-length': 3 }).end('big');
  });
  const never = new ReadableStream<Uint8Array>({ pull: () => pause(10_000, undefined, { ref: false }) });
  const { status, body } = await newModelClient()(address, request({ body: never }), noDeadline());
  assert.deepEqual([status, await textOf(body)], [413, 'big']);
});

test('what is no answer is refused', async () => {
  for (const text of ['SSH-2.0-x\r\n\r\n', 'HTTP/1.1 200']) {
    const address = await rawServer((socket) => socket.end(text));
    await assert.rejects(newModelClient()(address, request(), noDeadline()), text);
  }
});

test('a server that says more than its answer is not heard on that connection again', async () => {
  const address = await rawServer((socket, turn) =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${turn}and more`),
  );
  const ask = newModelClient();
  for (const turn of ['1', '2', '3'])
    assert.equal(await textOf((await ask(address, request(), noDeadline())).body), turn);
});

test('nobody there is told from somebody who does not answer', async () => {
  const ask = newModelClient();
  const nobody = await ask({ unix: '/nowhere/model.sock' }, request(), noDeadline()).catch((e: unknown) => e);
  assert.equal(tookNoConnection(nobody), true);
  const closing = await rawServer((socket) => socket.destroy());
  const silent = await ask(closing, request(), noDeadline()).catch((e: unknown) => e);
  assert.ok(silent instanceof Error);
  assert.equal(tookNoConnection(silent), false);
});
