import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader, MalformedAnswer } from './model-answer.ts';

interface Read {
  status: number;
  headers: Record<string, string>;
  length: number | undefined;
  body: string;
  ended: boolean;
  keepAlive: boolean;
}

/** Reads the text in pieces of so many bytes. */
function read(text: string, { method = 'POST', pieceBytes = text.length, close = false } = {}): Read {
  const seen: Read = { status: 0, headers: {}, length: undefined, body: '', ended: false, keepAlive: true };
  const reader = new AnswerReader(method, {
    head(status, headers, length) {
      Object.assign(seen, { status, headers: Object.fromEntries(headers), length });
    },
    data(bytes) {
      seen.body += bytes.toString('latin1');
    },
    end() {
      assert.equal(seen.ended, false, 'ended twice');
      seen.ended = true;
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.read(bytes.subarray(at, at + pieceBytes));
  if (close) reader.closed();
  return { ...seen, keepAlive: reader.keepAlive };
}

const withLength =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nX-A: 1\r\nx-a:2 \r\n\r\nhello';
const chunked =
  'HTTP/1.1 422 Unprocessable Content\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n1;name=value\r\n,\r\nA\r\n0123456789\r\n0\r\nx-trailer: 1\r\n\r\n';

test('an answer is the same wherever its bytes are cut', () => {
  for (let pieceBytes = 1; pieceBytes <= chunked.length; pieceBytes++) {
    const a = read(withLength, { pieceBytes });
    assert.deepEqual(
      [a.status, a.length, a.body, a.ended, a.headers['content-type'], a.headers['x-a']],
      [200, 5, 'hello', true, 'text/plain', '1, 2'],
    );
    const b = read(chunked, { pieceBytes });
    assert.deepEqual([b.status, b.length, b.body, b.ended], [422, undefined, 'hello,0123456789', true]);
  }
});

test('an answer that says no length ends with its connection, which is not used again', () => {
  const text = 'HTTP/1.1 200 OK\r\n\r\nuntil the end';
  assert.equal(read(text).ended, false);
  const seen = read(text, { close: true });
  assert.deepEqual([seen.body, seen.ended, seen.keepAlive], ['until the end', true, false]);
});

test('an answer without a body ends with its head', () => {
  for (const [text, method] of [
    ['HTTP/1.1 204 No Content\r\n\r\n', 'POST'],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n', 'GET'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n', 'HEAD'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'HEAD'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 'POST'],
  ] as const) {
    const seen = read(text, { method });
    assert.deepEqual([seen.ended, seen.body, seen.length], [true, '', 0], text);
  }
});

test('100 Continue and 103 Early Hints are no answers', () => {
  const seen = read(
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${withLength}`,
  );
  assert.deepEqual([seen.status, seen.body, seen.headers.link], [200, 'hello', undefined]);
});

test('a connection is kept as the server says', () => {
  const keep = (head: string) => read(`${head}content-length: 0\r\n\r\n`).keepAlive;
  assert.equal(keep('HTTP/1.1 200 OK\r\n'), true);
  assert.equal(keep('HTTP/1.1 200 OK\r\nconnection: close\r\n'), false);
  assert.equal(keep('HTTP/1.0 200 OK\r\n'), false);
  assert.equal(keep('HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n'), true);
});

test('a connection that closes too early is told from an end', () => {
  for (const text of [
    '',
    'HTTP/1.1 200 OK\r\ncontent-le',
    'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n',
  ])
    assert.throws(() => read(text, { close: true }), MalformedAnswer, text);
});

test('what could be understood in two ways is refused', () => {
  const ok = 'HTTP/1.1 200 OK\r\n';
  for (const text of [
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'nonsense\r\n\r\n',
    `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`,
    `${ok}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
    `${ok}content-length: -5\r\n\r\n`,
    `${ok}content-length: 0x5\r\n\r\n`,
    `${ok}transfer-encoding: gzip, chunked\r\n\r\n`,
    `${ok}no colon\r\n\r\n`,
    `${ok}a: 1\r\n folded\r\n\r\n`,
    `${ok}transfer-encoding: chunked\r\n\r\nxyz\r\n`,
    `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello!\r\n`,
    `${ok}content-length: 5\r\n\r\nhello!`,
    `${withLength}${withLength}`,
    `${ok}x: ${'a'.repeat(70_000)}`,
  ])
    assert.throws(() => read(text), MalformedAnswer, text.slice(0, 80));
});
