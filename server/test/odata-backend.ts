import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { listening } from './gateway.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface ODataBackend {
  readonly root: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  /** What it answers to everything, from now on; empty: it behaves. */
  mood: string;
  close(): Promise<void>;
}

const json = { 'content-type': 'application/json;odata.metadata=minimal', 'odata-version': '4.0' };

/** An OData service on its own port, that misbehaves in the way that the path names. */
export async function startODataBackend(): Promise<ODataBackend> {
  const seen: SeenRequest[] = [];
  const backend = { mood: '' };
  const listener: RequestListener = async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    seen.push({
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    });
    const root = `http://127.0.0.1:${port}/svc`;
    await answer(backend.mood, incoming, outgoing, root).catch(() => outgoing.destroy());
  };
  const { port, close } = await listening(listener, { port: 0 }, { maxHeaderSize: 131_072 });
  return Object.assign(backend, { root: `http://127.0.0.1:${port}/svc`, port, seen, close });
}

const rows = (root: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    '@odata.id': `${root}/Things(${i})`,
    Id: i,
    Name: `thing ${i}`,
  }));

async function answer(mood: string, incoming: IncomingMessage, outgoing: ServerResponse, root: string) {
  const url = new URL(incoming.url ?? '', root);
  const [, what = '', value = ''] = /^\/svc\/?([^/=]*)=?([^/]*)/.exec(mood || url.pathname) ?? [];
  const things = (count: number) =>
    JSON.stringify({
      '@odata.context': `${root}/$metadata#Things`,
      value: rows(root, count),
      '@odata.nextLink': `${root}/Things?$skiptoken=2&apikey=hush%21`,
    });
  const send = (body: string | Buffer, headers: Record<string, string> = json, status = 200) =>
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  switch (what) {
    case '':
      return send(
        JSON.stringify({
          '@odata.context': `${root}/$metadata`,
          value: [{ name: 'Things', kind: 'EntitySet', url: `${root}/Things` }],
        }),
      );
    case '$metadata':
      return send(`<?xml version="1.0"?><edmx:Edmx xmlns:x="${root}/ns" Version="4.0"/>`, {
        'content-type': 'application/xml',
      });
    case 'Things':
      return send(things(Number(value || 2)));
    case 'Chunked':
      outgoing.writeHead(200, json);
      for (const part of things(3).match(/.{1,7}/gs) ?? []) outgoing.write(part);
      return outgoing.end();
    case 'Many': {
      outgoing.writeHead(200, json).write(`{"@odata.context":"${root}/$metadata#Things","value":[`);
      const text = JSON.stringify({ Name: 'x'.repeat(1000) });
      for (let i = 0; i < Number(value); i++)
        if (!outgoing.write((i ? ',' : '') + text)) await new Promise((go) => outgoing.once('drain', go));
      return outgoing.end(']}');
    }
    case 'Gzip':
    case 'Deflate': {
      const body = (what === 'Gzip' ? gzipSync : deflateSync)(things(Number(value || 2)));
      return send(body, { ...json, 'content-encoding': what.toLowerCase() });
    }
    case 'Bomb':
      return send(gzipSync(Buffer.alloc(Number(value), 0x20)), { ...json, 'content-encoding': 'gzip' });
    case 'Huge':
      outgoing.writeHead(200, { ...json, 'content-length': 2 ** 30 }).write('{');
      return;
    case 'CutGzip':
      return send(gzipSync(things(50)).subarray(0, 40), { ...json, 'content-encoding': 'gzip' });
    case 'Status':
      return send('{"error":{"code":"Inner","message":"the secret is hush!"}}', json, Number(value));
    case 'Refused':
      return send(
        '{"error":{"code":"BadColumn","message":"There is no column X.","target":"X","innererror":{"stack":"at x"}}}',
        json,
        Number(value),
      );
    case 'RefusedPlain':
      return send('<h1>no</h1>', { 'content-type': 'text/html' }, Number(value));
    case 'Type':
      return send('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', {
        'content-type': decodeURIComponent(value),
      });
    case 'PackedRefusal': {
      const error = { code: 'BadColumn', message: `There is no column ${'X'.repeat(Number(value))}.` };
      return send(gzipSync(JSON.stringify({ error })), { ...json, 'content-encoding': 'gzip' }, 400);
    }
    case 'Html':
      return send('<html>log in</html>', { 'content-type': 'text/html' });
    case 'Broken':
      return send('{"value":[{}', json);
    case 'NoType':
      return send('{}', {});
    case 'NotHttp':
      return incoming.socket.end('SSH-2.0-x\r\n\r\n');
    case 'Redirect':
      return send('', { location: decodeURIComponent(value) }, 302);
    case 'Busy':
      return send('', { 'retry-after': '7' }, 429);
    case 'Hang':
      return;
    case 'Drip':
      outgoing.writeHead(200, json).write(`{"value":["${'x'.repeat(100_000)}"`);
      await pause(60_000, undefined, { ref: false });
      return;
    case 'BreakOff':
      outgoing.writeHead(200, json).write(`{"value":["${'x'.repeat(100_000)}"`);
      await pause(50);
      return outgoing.destroy();
    case 'Reset':
      return outgoing.destroy();
    case 'Made':
      return send(
        '{"Id":1}',
        { ...json, location: `${root}/Things(1)`, 'odata-entityid': `${root}/Things(1)` },
        201,
      );
    case 'Nothing':
      return outgoing.writeHead(204, { 'odata-version': '4.0' }).end();
    case 'Cookie':
      return send('{"value":1}', { ...json, 'set-cookie': 'a=1', server: 'secret/1.0', 'x-internal': '1' });
    default:
      return send('{"error":{"code":"NotFound","message":"no such thing"}}', json, 404);
  }
}
