import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The people of the demonstration, and what they do with the command line and the API like everybody. */
export interface DemoAccount {
  accountId: string;
  email: string;
  password: string;
  apiKey: string;
}
export interface Demo {
  url: string;
  operator: DemoAccount;
  publisher: DemoAccount;
  buyer: DemoAccount;
  /** `curl` for a call, `command` for a job that takes its time. */
  calls: { product: string; type: string; curl?: string; command?: string }[];
}

export const root = fileURLToPath(new URL('..', import.meta.url));
export const url = (process.env.SOUK_URL ?? 'http://127.0.0.1:4600').replace(/\/+$/, '');
export const dataDir = resolve(process.env.SOUK_DATA ?? '.souk');
export const finished = join(dataDir, 'demo.json');
export const unfinished = join(dataDir, 'demo.unfinished.json');
export const publisherSlug = 'souk-examples';

export interface Offered {
  readonly folder: string;
  readonly slug: string;
  readonly plan: string;
  readonly path: string;
  readonly sample: string;
  readonly contentType: string;
}

/** Through the pipeline to the live page; what is live already is left as it is. */
export async function publish(demo: Demo, p: Pick<Offered, 'folder' | 'slug'>) {
  const existing = await send('GET', `/api/catalog/products/${publisherSlug}/${p.slug}`, undefined, {});
  if (existing.status !== 200) {
    await souk(demo.publisher, ['push', p.folder]);
    await souk(demo.publisher, ['submit', p.slug, '--follow']);
    await souk(demo.publisher, ['sign-off', p.slug, '--follow']);
  }
}

export async function subscribe(demo: Demo, p: Pick<Offered, 'slug' | 'plan'>): Promise<string> {
  const name = `${publisherSlug}/${p.slug}`;
  const mine = await send('GET', '/api/subscriptions?state=active', undefined, {
    authorization: `Bearer ${demo.buyer.apiKey}`,
  });
  const subscribed = (mine.body as { items: { publisher: string; product: string }[] }).items.some(
    (s) => `${s.publisher}/${s.product}` === name,
  );
  if (!subscribed) await souk(demo.buyer, ['subscribe', name, '--plan', p.plan, '--accept-eula']);
  return name;
}

/** Calls once, and keeps the command that did. */
export async function call(demo: Demo, name: string, p: Offered, save: (demo: Demo) => void) {
  const sample = readFileSync(join(root, p.folder, p.sample), 'utf8')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const curl = `curl -s ${url}/call/${name}${p.path} -H 'Authorization: Bearer ${demo.buyer.apiKey}' -H 'Content-Type: ${p.contentType}' -d '${sample}'`;
  await callable(name, p, demo.buyer.apiKey, sample);
  demo.calls = [
    ...demo.calls.filter((c) => c.product !== name),
    { product: name, type: 'invocations', curl },
  ];
  save(demo);
}

/** The call that is printed works when it is printed. */
async function callable(name: string, p: Offered, key: string, sample: string) {
  const until = Date.now() + 60_000;
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

export async function souk(who: DemoAccount, args: string[]): Promise<string> {
  const { code, output } = await run(process.execPath, ['cli/bin/souk.mjs', ...args], '', {
    SOUK_API_KEY: who.apiKey,
    SOUK_URL: url,
  });
  if (code !== 0) throw new Error(`souk ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

export function run(
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

export const post = (path: string, body: unknown, cookie = '') =>
  send('POST', path, body, cookie ? { cookie } : {});

export async function send(method: string, path: string, body: unknown, headers: Record<string, string>) {
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

export function saveTo(path: string): (demo: Demo) => void {
  return (demo) => writeFileSync(path, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
}

export function show(demo: Demo) {
  const line = (name: string, a: DemoAccount) => `  ${name.padEnd(10)} ${a.email.padEnd(24)} ${a.password}`;
  process.stdout.write(
    `\nSigned up for this demonstration (kept in ${finished}):\n${line('operator', demo.operator)}\n${line('publisher', demo.publisher)}\n${line('buyer', demo.buyer)}\n\n` +
      `Call a published product, or give it work:\n\n${demo.calls.map((c) => `  ${c.curl ?? c.command}`).join('\n\n')}\n\n`,
  );
}
