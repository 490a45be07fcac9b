import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchRow, notRun } from './bench-row.ts';
import { type Part, parts } from './parts.ts';
import { at } from './processes.ts';
import { say } from './say.ts';
import { tableOf } from './table.ts';

/** `npm run bench [-- WORD... --json]`: the parts whose name contains a word, or all of them, one after the other. */
const words = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const asJson = process.argv.includes('--json');
const chosen = parts.filter((p) => words.length === 0 || words.some((w) => p.name.includes(w)));
if (chosen.length === 0) {
  say(`no part is called ${words.join(' or ')}; there are ${parts.map((p) => p.name).join(', ')}`);
  process.exit(2);
}

let current: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    end(current);
    process.exit(130);
  });

const results: BenchRow[] = [];
let broken = false;
for (const part of chosen) results.push(...(await measure(part)));
if (asJson) process.stdout.write(`${JSON.stringify({ results })}\n`);
else process.stdout.write(tableOf(results));
process.exit(broken ? 1 : 0);

/** A process and a group of its own for each part: no part's heap burdens the next, and what hangs can be ended with all it started. */
async function measure(part: Part): Promise<BenchRow[]> {
  const missing = Object.entries(part.needs).filter(([command]) => !isInstalled(command));
  if (missing.length > 0) {
    const packages = missing.map(([, name]) => name).join(' ');
    return [notRun(part.name, `${missing.map(([c]) => c).join(', ')} missing (apt-get install ${packages})`)];
  }
  say(`${part.name} ...`);
  const began = performance.now();
  const child = spawn(process.execPath, [at('bench/part.ts'), part.name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  current = child;
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end(child);
  }, part.secondsMax * 1000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`${part.name} took ${seconds} s`);
  if (code === 0) return JSON.parse(output.trim().split('\n').at(-1) ?? '[]') as BenchRow[];
  broken = true;
  end(child);
  return [
    notRun(
      part.name,
      late ? `not finished within ${part.secondsMax} s` : `it broke after ${seconds} s; see above`,
    ),
  ];
}

function end(child: ChildProcess | undefined) {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // Nothing of it is left.
  }
}

function isInstalled(command: string): boolean {
  return `${process.env.PATH}:/usr/sbin:/sbin`.split(':').some((folder) => existsSync(join(folder, command)));
}
