// The `echo` of the suite of the contract, as a container has it: rows of two numbers in, the same rows out.
const [, , mode] = process.argv;
const { BROKEN, CALLS_HOME, FAILS, LATE, NEEDS_MODEL, NO_BATCH, PARAMETERS, SAGEMAKER_BATCH } = process.env;

if (mode === 'train') {
  const rows = (await Bun.file('/opt/ml/input/data/train/rows.csv').text()).trim().split('\n');
  console.log(`read ${rows.length} rows; loss=0.25;`);
  await Bun.write('/opt/ml/model/weights.json', JSON.stringify({ rows: rows.length }));
  process.exit(0);
}
if (mode !== 'serve') process.exit(2);
if (BROKEN || (NEEDS_MODEL && !(await Bun.file('/opt/ml/model/weights.json').exists()))) {
  console.error('there is no model in /opt/ml/model');
  process.exit(4);
}
if (CALLS_HOME) await fetch('http://192.0.2.9/').catch(() => undefined);
const startedAt = performance.now();
const refuse = (status, error) => Response.json({ error }, { status });

async function answer(request) {
  const contentType = request.headers.get('content-type') ?? '';
  const body = await request.text();
  if (FAILS || (NO_BATCH && SAGEMAKER_BATCH)) return refuse(500, 'the model is not for this');
  if (LATE && performance.now() - startedAt < 1500) return refuse(503, 'still loading');
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
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/ping') return new Response();
    if (pathname === '/execution-parameters')
      return new Response(PARAMETERS, { status: PARAMETERS ? 200 : 404 });
    return answer(request);
  },
});
process.on('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
