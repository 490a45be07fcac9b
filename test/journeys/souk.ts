import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type BodyOf,
  type ErrorBody,
  type Operation,
  type OutputOf,
  operations,
  type ParamsOf,
  type QueryOf,
} from '@souk/contract';

/** A whole Souk, started as an operator starts it, on a data folder and a port of its own. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningSouk {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** What it has written so far. */
  output(): string;
  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Pids of the processes that it keeps, by a part of their command line. */
  children(part: string): number[];
}

export async function startSouk(
  given: { dataDir?: string; port?: number; env?: Record<string, string> } = {},
): Promise<RunningSouk> {
  const dataDir = given.dataDir ?? mkdtempSync(join(tmpdir(), 'souk-journey-'));
  const port = given.port ?? (await freePort());
  const env = {
    ...process.env,
    SOUK_DATA: dataDir,
    SOUK_PORT: String(port),
    SOUK_URL: `http://127.0.0.1:${port}`,
    SOUK_CHECK_ANSWERS: '1',
    ORT_DISABLE_TELEMETRY: '1',
    ...given.env,
  };
  const child = spawn(process.execPath, ['server/src/main.ts', 'serve'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (d: Buffer) => {
      output = (output + d.toString()).slice(-200_000);
    });
  let code: number | null | undefined;
  child.once('exit', (c) => {
    code = c;
  });
  for (const until = Date.now() + 60_000; !output.includes('Souk is ready at'); await sleep(20)) {
    if (code !== undefined) throw new Error(`Souk ended with ${code} while starting:\n${output}`);
    if (Date.now() > until) throw new Error(`Souk did not become ready:\n${output}`);
  }
  const souk: RunningSouk = {
    url: `http://127.0.0.1:${port}`,
    port,
    dataDir,
    process: child,
    output: () => output,
    stop: async () => {
      if (code !== undefined) return code;
      child.kill('SIGTERM');
      return new Promise((resolve) => child.once('exit', (c) => resolve(c)));
    },
    children: (part) =>
      childrenOf(child.pid ?? 0)
        .filter((c) => c.command.includes(part))
        .map((c) => c.pid),
  };
  running.set(souk.url, souk);
  return souk;
}
const running = new Map<string, RunningSouk>();

function childrenOf(ancestor: number): { pid: number; command: string }[] {
  const byParent = new Map<number, { pid: number; command: string }[]>();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n)))
    try {
      const parent = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      byParent.set(parent, [...(byParent.get(parent) ?? []), { pid: Number(name), command }]);
    } catch {
      // It ended while we looked.
    }
  const below = (pid: number): { pid: number; command: string }[] =>
    (byParent.get(pid) ?? []).flatMap((child) => [child, ...below(child.pid)]);
  return below(ancestor);
}

export function removeFolder(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
}

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/** Calls operations of the contract as somebody. Answers everything, errors too; `ok` throws on errors. */
export class Client {
  readonly url: string;
  key: string | undefined;

  constructor(url: string, key?: string) {
    this.url = url;
    this.key = key;
  }

  async send<O extends Operation>(
    operation: O,
    input: { params?: ParamsOf<O>; query?: QueryOf<O>; body?: BodyOf<O>; raw?: Uint8Array } = {},
  ): Promise<Answer<OutputOf<O>>> {
    let path = operation.path;
    for (const [name, value] of Object.entries((input.params ?? {}) as Record<string, unknown>))
      path = path.replace(`:${name}`, encodeURIComponent(String(value)));
    const query = new URLSearchParams(
      Object.entries((input.query ?? {}) as Record<string, unknown>)
        .filter(([, v]) => v !== undefined)
        .map(([k, v]): [string, string] => [k, String(v)]),
    );
    const type = input.raw
      ? 'application/octet-stream'
      : input.body === undefined
        ? undefined
        : 'application/json';
    const response = await fetch(`${this.url}${path}${query.size ? `?${query}` : ''}`, {
      method: operation.method,
      headers: {
        ...(this.key ? { authorization: `Bearer ${this.key}` } : {}),
        ...(type ? { 'content-type': type } : {}),
      },
      body: input.raw
        ? new Uint8Array(input.raw)
        : input.body === undefined
          ? null
          : JSON.stringify(input.body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text ? JSON.parse(text) : null) as OutputOf<O>,
    };
  }

  async ok<O extends Operation>(
    operation: O,
    input: Parameters<Client['send']>[1] = {},
  ): Promise<OutputOf<O>> {
    const answer = await this.send(operation, input as Parameters<typeof this.send<O>>[1]);
    if (answer.status >= 300)
      throw new Error(`${operation.id} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** Status, code and where the findings point to, of an operation that must refuse. */
export async function refusal<O extends Operation>(
  client: Client,
  operation: O,
  input: Parameters<Client['send']>[1] = {},
): Promise<{ status: number; code: string; findings: string[]; remedy: string }> {
  const { status, body } = await client.send(operation, input as Parameters<typeof client.send<O>>[1]);
  const { error } = (body ?? {}) as Partial<ErrorBody>;
  if (!error) throw new Error(`${operation.id} answered ${status}: ${JSON.stringify(body).slice(0, 500)}`);
  const findings = (error.findings ?? []).map((f) => `${f.code} ${f.pointer}`);
  return { status, code: error.code, findings, remedy: error.remedy };
}

export interface Person {
  readonly email: string;
  readonly password: string;
  readonly accountId: string;
  readonly cookie: string;
  readonly client: Client;
}

/** Signs somebody up and gives them a key for everything. */
export async function signUp(url: string, name: string): Promise<Person> {
  const email = `${name}.${randomBytes(4).toString('hex')}@example.org`;
  const password = randomBytes(12).toString('hex');
  const response = await fetch(`${url}/api/sign-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password, name, accountName: `${name} & Co` }),
  });
  if (response.status !== 201)
    throw new Error(`sign-up answered ${response.status}: ${await response.text()}`);
  return withKey(url, email, password, response);
}

async function withKey(url: string, email: string, password: string, response: Response): Promise<Person> {
  const session = (await response.json()) as { account: { id: string } };
  const cookie = response.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');
  const made = await fetch(`${url}${operations.createApiKey.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, origin: url },
    body: JSON.stringify({ name: 'journey', scopes: ['call', 'manage'] }),
  });
  if (made.status !== 201) throw new Error(`no key: ${made.status} ${await made.text()}`);
  const { key } = (await made.json()) as { key: string };
  return { email, password, accountId: session.account.id, cookie, client: new Client(url, key) };
}

/** The operator of a marketplace that was started here; made when it is first needed. */
export function operatorOf(url: string): Promise<Person> {
  const souk = running.get(url);
  if (!souk) throw new Error(`no marketplace was started at ${url}`);
  return createOperator(souk);
}

/** The operator of a marketplace, as `create-operator` makes it while the marketplace runs. The same for everybody who asks. */
export function createOperator(souk: RunningSouk): Promise<Person> {
  const known = operators.get(souk.url) ?? newOperator(souk);
  operators.set(souk.url, known);
  return known;
}
const operators = new Map<string, Promise<Person>>();

async function newOperator(souk: RunningSouk): Promise<Person> {
  const email = 'operator@example.org';
  const password = randomBytes(12).toString('hex');
  const { port, password: databasePassword } = JSON.parse(
    readFileSync(join(souk.dataDir, 'postgres.json'), 'utf8'),
  ) as { port: number; password: string };
  const child = spawn(process.execPath, ['server/src/main.ts', 'create-operator', '--email', email], {
    cwd: root,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: {
      ...process.env,
      SOUK_DATA: souk.dataDir,
      DATABASE_URL: `postgres://souk:${databasePassword}@127.0.0.1:${port}/souk`,
    },
  });
  child.stdin.end(`${password}\n`);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`create-operator ended with ${code}`);
  const response = await fetch(`${souk.url}/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: souk.url },
    body: JSON.stringify({ email, password }),
  });
  if (response.status !== 200) throw new Error(`the operator cannot sign in: ${await response.text()}`);
  return withKey(souk.url, email, password, response);
}

/** Waits for a state, never for a time. */
export async function until<T>(
  what: string,
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end)
      throw new Error(
        `${what} did not come within ${timeoutMs} ms; last seen: ${JSON.stringify(value).slice(0, 2000)}`,
      );
    await sleep(50);
  }
}
