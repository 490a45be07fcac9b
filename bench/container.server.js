// The smallest server that keeps to the contract, as the entry of an image: what is measured is the way to it. Run by Bun.
// JSON is always given the same answer, a table the sum of each of its rows.
const answer = '{"predictions":[{"label":"setosa","probability":0.98}]}';

Bun.serve({
  port: Number(process.env.PORT ?? 8080),
  hostname: '0.0.0.0',
  maxRequestBodySize: 110_000_000,
  async fetch(request) {
    if (new URL(request.url).pathname === '/ping') return new Response();
    const contentType = request.headers.get('content-type') ?? '';
    const body = await request.text();
    if (contentType !== 'text/csv')
      return new Response(answer, { headers: { 'content-type': 'application/json' } });
    const sums = body
      .trimEnd()
      .split('\n')
      .map((row) => row.split(',').reduce((sum, number) => sum + Number(number), 0));
    return new Response(`${sums.join('\n')}\n`, { headers: { 'content-type': contentType } });
  },
});
process.on('SIGTERM', () => process.exit(0));
