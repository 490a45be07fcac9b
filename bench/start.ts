import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callModel, startModelServer } from '../server/src/domains/runtime/index.ts';
import { findSandbox } from '../server/src/platform/sandbox.ts';
import { createIris, goLive, settled, submit } from '../test/journeys/publish.ts';
import { freePort, root, signUp, startSouk } from '../test/journeys/souk.ts';
import { alone, type BenchRow } from './bench-row.ts';
import { memoryOfTree, type ProcessMemory } from './memory.ts';
import { at, stop } from './processes.ts';
import { say } from './say.ts';

/** Start-up of a Souk that has one live model, its memory when nobody calls, and the start of a model. */
const starts = 5;
const idleMs = 5000;

export async function run(): Promise<BenchRow[]> {
  const dataDir = await oneLiveModel();
  try {
    const readyMs: number[] = [];
    let memory: ProcessMemory[] = [];
    for (let i = 1; i <= starts; i++) {
      const souk = await warmStart(dataDir);
      readyMs.push(souk.readyMs);
      say(`start: ready after ${Math.round(souk.readyMs)} ms`);
      if (i === starts) {
        await sleep(idleMs);
        memory = memoryOfTree(souk.child.pid ?? 0);
      }
      await stop(souk.child);
    }
    return [
      alone({ name: 'start: warm, one model, to "Souk is ready"', unit: 'ms', ours: readyMs, atMost: 3000 }),
      ...memoryRows(memory),
      ...(await modelRows()),
    ];
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function oneLiveModel(): Promise<string> {
  const souk = await startSouk();
  try {
    const publisher = await signUp(souk.url, 'Bench');
    const { client } = publisher;
    const { id } = await createIris(publisher, 'bench');
    await goLive(client, await settled(client, await submit(client, id)));
  } finally {
    await souk.stop();
  }
  return souk.dataDir;
}

async function warmStart(dataDir: string): Promise<{ child: ChildProcess; readyMs: number }> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, [at('server/src/main.ts'), 'serve'], {
    cwd: root,
    env: {
      ...process.env,
      SOUK_DATA: dataDir,
      SOUK_PORT: String(port),
      SOUK_URL: `http://127.0.0.1:${port}`,
      SOUK_LOG: 'error',
      ORT_DISABLE_TELEMETRY: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const readyMs = await new Promise<number>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Souk is ready')) resolve(performance.now() - began);
    });
    child.once('exit', (code) => reject(new Error(`Souk ended with ${code} while starting`)));
  });
  return { child, readyMs };
}

function memoryRows(memory: readonly ProcessMemory[]): BenchRow[] {
  const isDatabase = (p: ProcessMemory) => /postgres/.test(p.command);
  const isScanner = (p: ProcessMemory) => /clamd/.test(p.command);
  const ours = memory.filter((p) => p.command && !isDatabase(p) && !isScanner(p));
  for (const p of ours)
    say(`start: ${Math.round(p.rssMb)} MB resident, ${Math.round(p.pssMb)} MB in parts: ${named(p.command)}`);
  const sum = (list: readonly ProcessMemory[], of: 'rssMb' | 'pssMb') => [
    list.reduce((s, p) => s + p[of], 0),
  ];
  return [
    alone({ name: 'memory: idle, one model', unit: 'MB resident', ours: sum(ours, 'rssMb'), atMost: 300 }),
    alone({ name: 'memory: idle, one model, shared pages once', unit: 'MB (PSS)', ours: sum(ours, 'pssMb') }),
    alone({
      name: 'memory: the virus scanner',
      unit: 'MB (PSS)',
      ours: sum(memory.filter(isScanner), 'pssMb'),
    }),
  ];
}

const named = (command: string) =>
  command
    .replaceAll(root, '')
    .replaceAll(/\S*node_modules\/\S*\/bin\//g, '')
    .slice(-100);

async function modelRows(): Promise<BenchRow[]> {
  const socketDir = mkdtempSync(join(tmpdir(), 'souk-b-'));
  const sandbox = await findSandbox();
  const readyMs: number[] = [];
  const answeredMs: number[] = [];
  try {
    for (let i = 0; i < starts; i++) {
      const began = performance.now();
      const server = startModelServer({
        models: [{ name: 'iris', path: at('examples/iris-classifier/model.onnx') }],
        memoryBytesMax: 1024 ** 3,
        threads: 1,
        socketDir,
        sandbox,
        log: () => {},
      });
      await server.ready;
      readyMs.push(performance.now() - began);
      const answer = await callModel(server.address, {
        path: '/invocations',
        contentType: 'text/csv',
        body: '5.1,3.5,1.4,0.2',
        timeoutMs: 5000,
      });
      if (answer.status !== 200) throw new Error(`the model answers ${answer.status}`);
      answeredMs.push(performance.now() - began);
      await server.stop();
    }
  } finally {
    rmSync(socketDir, { recursive: true, force: true });
  }
  const where = sandbox.kind === 'bubblewrap' ? 'in its sandbox' : 'without a sandbox';
  return [
    alone({ name: `start: a model, ${where}, to ready`, unit: 'ms', ours: readyMs }),
    alone({ name: `start: a model, ${where}, to its first answer`, unit: 'ms', ours: answeredMs }),
  ];
}
