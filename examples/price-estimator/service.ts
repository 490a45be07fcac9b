import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { answer } from './answer.ts';
import { Refusal } from './refusal.ts';

/**
 * The price estimator: an OData 4.0 service on a port of its own, with one key, as a publisher would run it. PRICE_ESTIMATOR_PORT
 * and PRICE_ESTIMATOR_KEY say where and with which key.
 */
const port = Number(process.env.PRICE_ESTIMATOR_PORT ?? 4610);
const key = process.env.PRICE_ESTIMATOR_KEY ?? '';
if (key.length < 16) {
  process.stderr.write('PRICE_ESTIMATOR_KEY must hold a key of at least 16 characters.\n');
  process.exit(2);
}
const expected = Buffer.from(`Bearer ${key}`);
const bodyBytesMax = 1_000_000;

const server = createServer(async (request, response) => {
  const root = `http://${request.headers.host ?? `127.0.0.1:${port}`}`;
  const url = new URL(request.url ?? '/', root);
  const given = Buffer.from(request.headers.authorization ?? '');
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= bodyBytesMax) parts.push(part);
  }
  const refuse = (refusal: Refusal) => ({
    status: refusal.status,
    contentType: 'application/json',
    body: JSON.stringify(refusal.body),
  });
  const isKnown = given.length === expected.length && timingSafeEqual(given, expected);
  const answered = !isKnown
    ? refuse(new Refusal(401, 'Unauthorized', 'Send Authorization: Bearer and the key of this service.'))
    : size > bodyBytesMax
      ? refuse(new Refusal(413, 'TooLarge', `A body has at most ${bodyBytesMax} bytes.`))
      : answer(
          request.method ?? 'GET',
          pathOf(url),
          url.searchParams,
          Buffer.concat(parts).toString('utf8'),
          root,
        );
  response.writeHead(answered.status, { 'content-type': answered.contentType, 'odata-version': '4.0' });
  response.end(answered.body);
});

function pathOf(url: URL): string {
  try {
    return decodeURIComponent(url.pathname);
  } catch {
    return '/%';
  }
}

server.listen(port, '127.0.0.1', () => process.stdout.write(`The price estimator listens on port ${port}\n`));
const end = () => server.close(() => process.exit(0)).closeIdleConnections();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
// Whoever keeps it holds its standard input open.
if (process.argv.includes('--exit-with-parent')) process.stdin.resume().once('end', end).once('error', end);
