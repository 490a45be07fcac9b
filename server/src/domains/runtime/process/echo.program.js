// The `echo` of the suite of the contract, as a program has it: rows of two numbers in, the same rows out.
const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { networkInterfaces } = require('node:os');

if (process.argv[2] !== 'serve') process.exit(2);
if (!existsSync('/opt/ml/model/weights.json')) {
  console.error('there is no model in /opt/ml/model');
  process.exit(4);
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let silent = false;

function written(path) {
  try {
    writeFileSync(path, 'x');
    return 'written';
  } catch (error) {
    return error.code;
  }
}

async function answer(contentType, body) {
  if (body.includes('0.125')) await pause(400);
  if (body.includes('fall silent')) silent = true;
  if (body.includes('exit')) {
    console.error('it has had enough');
    process.exit(7);
  }
  if (body.includes('eat'))
    for (const eaten = []; ; await pause(5)) eaten.push(Buffer.alloc(8_000_000, 1 + (eaten.length % 250)));
  if (body.includes('write'))
    for (;;) {
      appendFileSync('/tmp/much', Buffer.alloc(1_000_000));
      await pause(1);
    }
  if (body.includes('look around'))
    return [
      200,
      {
        root: existsSync('/root') || existsSync('/home') || existsSync('/etc/passwd'),
        interfaces: Object.keys(networkInterfaces()),
        model: written('/opt/ml/model/mine'),
        code: written('/opt/ml/code/mine'),
      },
    ];
  if (contentType === 'text/csv') {
    const rows = body.trim().split('\n');
    if (rows.some((row) => row.split(',').length !== 2)) return [400, { error: 'every row has two numbers' }];
    return [200, body];
  }
  if (contentType !== 'application/json') return [415, { error: `cannot read ${contentType}` }];
  try {
    return [200, { predictions: JSON.parse(body).instances }];
  } catch (error) {
    return [400, { error: error.message }];
  }
}

const server = createServer(async (request, response) => {
  if (request.url === '/ping') return silent ? undefined : response.end();
  const parts = [];
  for await (const part of request) parts.push(part);
  const [status, said] = await answer(request.headers['content-type'] ?? '', Buffer.concat(parts).toString());
  const isText = typeof said === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/csv' : 'application/json' });
  response.end(isText ? said : JSON.stringify(said));
});
server.listen(8080);
process.on('SIGTERM', () => {
  if (process.env.IGNORES_TERM) return;
  server.close(() => process.exit(0));
});
