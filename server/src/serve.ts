import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// The file itself: the index brings along what only the gateway's own process needs.
import { gatewayProcess } from './domains/gateway/gateway.process.ts';
import { type KeptChild, keepChild } from './platform/child.ts';
import { type Config, folders } from './platform/config.ts';
import { openDatabase } from './platform/db.ts';
import { type Log, newLog } from './platform/log.ts';
import { isBehind } from './platform/migrations.ts';
import { openNotifications } from './platform/notify.ts';
import { freePort, keepPostgres } from './platform/postgres.ts';
import { startNodeRunner } from './runner.ts';
import { startScanner } from './scanner.ts';

export interface ServeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A script that runs once everything serves, before it is said. */
  readonly after: string | undefined;
  /** Scripts that run as long as Souk does: services of the demonstration, which Souk fronts like anybody's. */
  readonly beside: readonly string[];
}

const mainFile = fileURLToPath(new URL('./main.ts', import.meta.url));
const readyTimeoutMs = 60_000;

/**
 * One process that keeps the others: PostgreSQL, the virus scanner, the control plane, the gateway; and that runs the models of
 * this machine itself, so that they outlive the control plane. What was started last ends first.
 */
export async function serve(config: Config, options: ServeOptions): Promise<number> {
  const log = newLog('souk', config.logLevel);
  let release = () => {};
  const ends: (() => Promise<void>)[] = [];
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= (async () => {
      for (const stop of ends.reverse())
        await stop().catch((error: Error) =>
          log.error({ err: error.message }, 'something did not end in order'),
        );
      release();
    })();
    return ending;
  };
  const signalled = new Promise<'signal'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve('signal'));
  });
  try {
    release = claimFolder(config.dataDir);
    const started = await Promise.race([startAll(config, options, log, ends), signalled]);
    if (started !== 'signal') {
      process.stdout.write(`Souk is ready at ${config.publicUrl}\n`);
      await signalled;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`souk: ${error instanceof Error ? error.message : String(error)}\n`);
    log.debug({ err: error }, 'start failed');
    return 1;
  } finally {
    await end();
  }
}

async function startAll(
  config: Config,
  options: ServeOptions,
  log: Log,
  ends: (() => Promise<void>)[],
): Promise<void> {
  await requireFreePort(config);
  const scanner = startScanner(config, log);
  ends.push(async () => (await scanner).stop());
  const databaseUrl = config.databaseUrl ?? (await ownDatabase(config, log, ends));
  // On a first start and after an upgrade: nothing else may ask before the tables are there.
  if (await isBehind(databaseUrl))
    await runToEnd([mainFile, 'migrate'], {
      ...options.env,
      DATABASE_URL: databaseUrl,
      SOUK_DATA: config.dataDir,
    });
  const controlPort = await freePort();
  const { clamd } = await scanner;
  const env = {
    ...options.env,
    DATABASE_URL: databaseUrl,
    SOUK_DATA: config.dataDir,
    SOUK_URL: config.publicUrl,
    SOUK_CONTROL_PORT: String(controlPort),
    ...(clamd ? { SOUK_CLAMD: clamd } : {}),
  };
  const control = keepChild({
    name: 'control plane',
    command: process.execPath,
    args: ['--max-semi-space-size=8', mainFile, 'control'],
    env,
    log,
    stopTimeoutMs: 20_000,
  });
  ends.push(() => control.stop());
  const gateway = startGateway(config, databaseUrl, controlPort, env, log);
  ends.push(() => gateway.stop());
  const database = openDatabase(databaseUrl, log, 3);
  const notifications = openNotifications(databaseUrl, log);
  const runner = await startNodeRunner(config, database.db, notifications, log);
  ends.push(async () => {
    await runner.stop();
    await notifications.close();
    await database.close();
  });
  for (const script of options.beside) {
    const kept = keepChild({
      name: script,
      command: process.execPath,
      args: [script, '--exit-with-parent'],
      env: { ...options.env, SOUK_DATA: config.dataDir },
      log,
      stopTimeoutMs: 5_000,
    });
    ends.push(() => kept.stop());
  }
  await serving(config, '/readyz');
  await runner.settled(2000);
  if (options.after) await runToEnd([options.after], { ...env, SOUK_CONTROL_PORT: undefined });
}

async function ownDatabase(config: Config, log: Log, ends: (() => Promise<void>)[]): Promise<string> {
  const postgres = await keepPostgres(config.dataDir, log);
  ends.push(() => postgres.stop());
  return postgres.url;
}

function startGateway(
  config: Config,
  databaseUrl: string,
  controlPort: number,
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
): KeptChild {
  const gateway = gatewayProcess({
    port: config.port,
    host: config.host,
    controlPlane: { host: '127.0.0.1', port: controlPort },
    databaseUrl,
    dataDir: config.dataDir,
    nodeName: config.nodeName,
    publicUrl: config.publicUrl,
    payloadBytesMax: config.payloadBytesMax,
    callTimeoutMs: config.callTimeoutMs,
    sealKeyHex: config.sealKeyHex,
    outboundAllow: config.outboundAllow,
    dataAnswerBytesMax: config.dataAnswerBytesMax,
  });
  return keepChild({
    name: 'gateway',
    command: gateway.command,
    args: gateway.args,
    env: { ...env, ...gateway.env },
    log,
    stopTimeoutMs: 15_000,
  });
}

/** Says at once, and in words, what would otherwise be a gateway that starts again and again. */
async function requireFreePort(config: Config) {
  const { createServer } = await import('node:net');
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `Port ${config.port} is taken: stop what uses it, or set SOUK_PORT to another.`
            : `Cannot listen on ${config.host}:${config.port}: ${error.message}`,
        ),
      ),
    );
    probe.listen(config.port, config.host, () => probe.close(() => resolve()));
  });
}

/** Through the front door: only then is it truly serving. */
async function serving(config: Config, path: string) {
  const host = config.host === '0.0.0.0' ? '127.0.0.1' : config.host;
  const until = Date.now() + readyTimeoutMs;
  for (;;) {
    const status = await statusOf(host, config.port, path);
    if (status === 200) return;
    if (Date.now() > until)
      throw new Error(
        `Souk did not become ready within ${readyTimeoutMs / 1000} s (http://${host}:${config.port}${path} answers ${status ?? 'nothing'}). SOUK_LOG=info shows more.`,
      );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** node:http and not fetch: fetch would stay in the memory of a process that asks a dozen questions in its life. */
const statusOf = (host: string, port: number, path: string) =>
  new Promise<number | undefined>((resolve) => {
    const request = get({ host, port, path, agent: false, timeout: 5000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.once('error', () => resolve(undefined));
    request.once('timeout', () => request.destroy());
  });

async function runToEnd(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const child = spawn(process.execPath, [...args], {
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number>((resolve) => child.once('exit', (c) => resolve(c ?? 1)));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}; see above.`);
}

/** Two of us on one data folder would run two databases on the same files. */
function claimFolder(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (const folder of Object.values(folders(dataDir))) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'souk.pid');
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && isSouk(pid))
      throw new Error(`Souk already runs on ${dataDir} (process ${pid}).`);
    rmSync(file);
  }
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, String(process.pid));
  closeSync(handle);
  return () => {
    // Only what is ours: the folder may have been removed and claimed anew meanwhile.
    if (existsSync(file) && readFileSync(file, 'utf8') === String(process.pid)) rmSync(file, { force: true });
  };
}

function isSouk(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.ts');
  } catch {
    return false;
  }
}
