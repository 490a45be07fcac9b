// The other end of the measurement of data services, run by Bun: an OData service that answers twenty rows at once, so that what is
// measured is the way to it.
interface BunRuntime {
  serve(options: { port: number; hostname: string; fetch(request: Request): Response }): { port: number };
}
const { Bun } = globalThis as unknown as { Bun: BunRuntime };

const headers = { 'content-type': 'application/json;odata.metadata=minimal', 'odata-version': '4.0' };
let body = '';
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response(body, { headers }) });
const root = `http://127.0.0.1:${server.port}/svc`;
body = JSON.stringify({
  '@odata.context': `${root}/$metadata#Flats`,
  value: Array.from({ length: 20 }, (_, i) => ({
    '@odata.id': `${root}/Flats(${i})`,
    Id: i,
    District: 'Old Town',
    Rooms: 3,
    SquareMetres: 74.5,
    Price: 412_000,
  })),
  '@odata.nextLink': `${root}/Flats?$skiptoken=20`,
});
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
