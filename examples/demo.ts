import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Fills a fresh marketplace as people would: an operator, a publisher and a buyer sign up, the publisher publishes the examples
 * through the real pipeline with the command line, the buyer subscribes and calls. A data folder that has accounts already is
 * left alone. Interrupted, it goes on where it was at the next start.
 */
interface DemoAccount {
  accountId: string;
  email: string;
  password: string;
  apiKey: string;
}
interface Demo {
  url: string;
  operator: DemoAccount;
  publisher: DemoAccount;
  buyer: DemoAccount;
  calls: { product: string; type: string; curl: string }[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const url = (process.env.SOUK_URL ?? 'http://127.0.0.1:4600').replace(/\/+$/, '');
const dataDir = resolve(process.env.SOUK_DATA ?? '.souk');
const finished = join(dataDir, 'demo.json');
const unfinished = join(dataDir, 'demo.unfinished.json');
const publisherSlug = 'souk-examples';

const products = [
  {
    folder: 'examples/iris-classifier',
    slug: 'iris-classifier',
    plan: 'free',
    path: '/invocations',
    sample: 'sample-input.json',
    contentType: 'application/json',
  },
];

async function main() {
  if (existsSync(finished)) return show(JSON.parse(readFileSync(finished, 'utf8')) as Demo);
  const demo = await accounts();
  if (!demo) return;
  await profile(demo);
  for (const product of products) await publish(demo, product);
  renameSync(unfinished, finished);
  show(demo);
}

/** Credentials are on disk before the accounts exist: a demo that is interrupted is never one that nobody can sign in to. */
async function accounts(): Promise<Demo | undefined> {
  const begun = existsSync(unfinished);
  const account = (name: string): DemoAccount => ({
    accountId: '',
    email: `${name}@souk.example`,
    password: randomBytes(12).toString('base64url'),
    apiKey: '',
  });
  const demo: Demo = begun
    ? (JSON.parse(readFileSync(unfinished, 'utf8')) as Demo)
    : {
        url,
        operator: account('operator'),
        publisher: account('publisher'),
        buyer: account('buyer'),
        calls: [],
      };
  const save = () => writeFileSync(unfinished, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  if (!begun) {
    // Saved first and taken back when there are accounts: of the two orders, only this one cannot lose the password.
    save();
    const made = await run(
      process.execPath,
      [
        'server/src/main.ts',
        'create-operator',
        '--if-empty',
        '--email',
        demo.operator.email,
        '--account',
        'Souk Operators',
      ],
      `${demo.operator.password}\n`,
    );
    if (made.code === 7) {
      const { rmSync } = await import('node:fs');
      rmSync(unfinished);
      return undefined;
    }
    if (made.code !== 0) throw new Error(`the operator's account could not be made: ${made.output}`);
  }
  for (const [name, who] of [
    ['operator', demo.operator],
    ['publisher', demo.publisher],
    ['buyer', demo.buyer],
  ] as const) {
    if (who.apiKey) continue;
    const { cookie, session } = await signIn(who, name);
    who.accountId = session.account.id;
    const created = await post('/api/account/keys', { name: 'Demo', scopes: ['call', 'manage'] }, cookie);
    if (created.status !== 201) throw new Error(`no API key for ${name}: ${JSON.stringify(created.body)}`);
    who.apiKey = (created.body as { key: string }).key;
    save();
  }
  return demo;
}

async function signIn(
  who: DemoAccount,
  name: string,
): Promise<{ cookie: string; session: { account: { id: string } } }> {
  const { email, password } = who;
  const accountName = name === 'publisher' ? 'Souk Examples' : 'Example Buyer';
  let answer = await post('/api/sign-in', { email, password });
  if (answer.status === 401)
    answer = await post('/api/sign-up', {
      email,
      password,
      name: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      accountName,
    });
  if (answer.status >= 300) throw new Error(`${name} cannot sign in: ${JSON.stringify(answer.body)}`);
  return { cookie: answer.cookie, session: answer.body as { account: { id: string } } };
}

/** All that a paid plan needs. The operator's word comes from this program: nobody is paid for real. */
async function profile({ publisher, operator }: Demo) {
  const body = {
    slug: publisherSlug,
    displayName: 'Souk Examples',
    description: 'Products that show what Souk does, published through the same pipeline as everybody’s.',
    websiteUrl: null,
    contactEmail: publisher.email,
  };
  const answer = await send('PUT', '/api/publisher', body, { authorization: `Bearer ${publisher.apiKey}` });
  if (answer.status !== 200)
    throw new Error(`the publisher's profile was refused: ${JSON.stringify(answer.body)}`);
  const status = async () =>
    (
      (
        await send('GET', '/api/publisher/standing', undefined, {
          authorization: `Bearer ${publisher.apiKey}`,
        })
      ).body as { verification: { state: string } }
    ).verification.state;
  if ((await status()) === 'verified') return;
  const folder = 'examples/becoming-a-publisher';
  await souk(publisher, ['publisher', 'tax', 'set', `${folder}/tax-interview.yaml`]);
  await souk(publisher, ['publisher', 'bank', 'set', `${folder}/bank-details.yaml`]);
  if ((await status()) !== 'pending')
    await souk(publisher, ['publisher', 'verify', '--message', 'The examples of Souk itself.']);
  await souk(operator, ['publishers', 'approve', publisherSlug, '--comment', 'Part of the demonstration.']);
}

async function publish(demo: Demo, p: (typeof products)[number]) {
  const existing = await send('GET', `/api/catalog/products/${publisherSlug}/${p.slug}`, undefined, {});
  if (existing.status !== 200) {
    await souk(demo.publisher, ['push', p.folder]);
    await souk(demo.publisher, ['submit', p.slug, '--follow']);
    await souk(demo.publisher, ['sign-off', p.slug, '--follow']);
  }
  const name = `${publisherSlug}/${p.slug}`;
  const mine = await send('GET', '/api/subscriptions?state=active', undefined, {
    authorization: `Bearer ${demo.buyer.apiKey}`,
  });
  const subscribed = (mine.body as { items: { publisher: string; product: string }[] }).items.some(
    (s) => `${s.publisher}/${s.product}` === name,
  );
  if (!subscribed) await souk(demo.buyer, ['subscribe', name, '--plan', p.plan, '--accept-eula']);
  const sample = readFileSync(join(root, p.folder, p.sample), 'utf8')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const curl = `curl -s ${url}/call/${name}${p.path} -H 'Authorization: Bearer ${demo.buyer.apiKey}' -H 'Content-Type: ${p.contentType}' -d '${sample}'`;
  await callable(name, p, demo.buyer.apiKey, sample);
  demo.calls = [
    ...demo.calls.filter((c) => c.product !== name),
    { product: name, type: 'invocations', curl },
  ];
  writeFileSync(unfinished, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
}

/** The call that is printed works when it is printed. */
async function callable(name: string, p: (typeof products)[number], key: string, sample: string) {
  const until = Date.now() + 20_000;
  for (;;) {
    const answer = await fetch(`${url}/call/${name}${p.path}`, {
      method: 'POST',
      body: sample,
      headers: { authorization: `Bearer ${key}`, 'content-type': p.contentType },
    }).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > until)
      throw new Error(`${name} does not answer its sample: ${answer ? await answer.text() : 'no answer'}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function souk(who: DemoAccount, args: string[]) {
  const { code, output } = await run(process.execPath, ['cli/bin/souk.mjs', ...args], '', {
    SOUK_API_KEY: who.apiKey,
    SOUK_URL: url,
  });
  if (code !== 0) throw new Error(`souk ${args.join(' ')} ended with ${code}:\n${output}`);
}

function run(
  command: string,
  args: string[],
  input: string,
  env: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (d: Buffer) => {
    output += d.toString();
  });
  child.stderr.on('data', (d: Buffer) => {
    output += d.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((done) => child.once('close', (code) => done({ code: code ?? 1, output })));
}

const post = (path: string, body: unknown, cookie = '') => send('POST', path, body, cookie ? { cookie } : {});

async function send(method: string, path: string, body: unknown, headers: Record<string, string>) {
  const answer = await fetch(url + path, {
    method,
    headers: { ...headers, origin: url, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : null,
  });
  const text = await answer.text();
  const cookie = answer.headers
    .getSetCookie()
    .map((c) => c.split(';')[0] ?? '')
    .join('; ');
  return { status: answer.status, body: text ? (JSON.parse(text) as unknown) : null, cookie };
}

function show(demo: Demo) {
  const line = (name: string, a: DemoAccount) => `  ${name.padEnd(10)} ${a.email.padEnd(24)} ${a.password}`;
  process.stdout.write(
    `\nSigned up for this demonstration (kept in ${finished}):\n${line('operator', demo.operator)}\n${line('publisher', demo.publisher)}\n${line('buyer', demo.buyer)}\n\n` +
      `Call a published product:\n\n${demo.calls.map((c) => `  ${c.curl}`).join('\n\n')}\n\n`,
  );
}

await main();
