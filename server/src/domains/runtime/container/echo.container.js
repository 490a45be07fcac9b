// The `echo` of the suite of the contract, as a container has it: rows of two numbers in, the same rows out.
const [, , mode] = process.argv;
if (mode !== 'serve') process.exit(2);
if (process.env.BROKEN) {
  console.error('there is no model in /opt/ml/model');
  process.exit(4);
}
const refuse = (status, error) => Response.json({ error }, { status });

async function answer(request) {
  const contentType = request.headers.get('content-type') ?? '';
  const body = await request.text();
  if (body.includes('0.125')) await Bun.sleep(400);
  if (body.includes('eat')) {
    const eaten = [];
    for (;;) {
      eaten.push(Buffer.alloc(8_000_000, 1 + (eaten.length % 250)));
      await Bun.sleep(5);
    }
  }
  if (contentType === 'text/csv') {
    const rows = body.trim().split('\n');
    if (rows.some((row) => row.split(',').length !== 2)) return refuse(400, 'every row has two numbers');
    return new Response(body, { headers: { 'content-type': 'text/csv' } });
  }
  if (contentType !== 'application/json') return refuse(415, `cannot read ${contentType}`);
  try {
    return Response.json({ predictions: JSON.parse(body).instances });
  } catch (error) {
    return refuse(400, error.message);
  }
}

const server = Bun.serve({
  port: 8080,
  hostname: '0.0.0.0',
  maxRequestBodySize: 1e9,
  fetch: (request) => (new URL(request.url).pathname === '/ping' ? new Response() : answer(request)),
});
process.on('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
