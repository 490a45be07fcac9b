// The other ends of the gateway's measurement; run by Bun:
//   bun bench/gateway-servers.ts upstream SOCKET     bun bench/gateway-servers.ts authorizer SOCKET FILE
// The upstream answers at once, so that what is measured is the way to it. The authorizer does what a small one must: read the
// header, hash the key, look up whose it is and what that account is entitled to. FILE holds [[sha256, account], ...].
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

type Handle = (request: Request) => Response | Promise<Response>;
interface BunRuntime {
  serve(options: ({ port: number; hostname: string } | { unix: string }) & { fetch: Handle }): {
    port: number;
  };
}
const { Bun } = globalThis as unknown as { Bun: BunRuntime };
const [role = '', unix = '', file = ''] = process.argv.slice(2);

const answer = '{"predictions":[{"label":"setosa","probability":0.98}]}';

function upstream(): Handle {
  return async (request) => {
    await request.arrayBuffer();
    return new Response(answer, { headers: { 'content-type': 'application/json' } });
  };
}

function authorizer(): Handle {
  const accounts = new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, string][]);
  const entitled = new Set([...accounts.values()].map((account) => `${account}/flowers-1/iris-classifier`));
  const path = /^\/call\/([^/]+\/[^/]+)\//;
  return (request) => {
    const key = request.headers.get('authorization')?.slice('Bearer '.length) ?? '';
    const account = accounts.get(createHash('sha256').update(key).digest('hex'));
    if (!account) return new Response(null, { status: 401 });
    const product = path.exec(request.headers.get('x-original-uri') ?? '')?.[1];
    return new Response(null, { status: entitled.has(`${account}/${product}`) ? 204 : 403 });
  };
}

const handle = role === 'upstream' ? upstream() : authorizer();
Bun.serve({ unix, fetch: handle });
const { port } = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handle });
process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
