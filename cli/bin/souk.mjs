#!/usr/bin/env node
// Plain JavaScript that Node 20 can read: Souk itself is TypeScript, which Node runs directly from 22.18 on. An older Node
// hands over to the one that npm installed beside us.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/main.ts', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Halves the time to the first line: the stripped and compiled sources are kept from one run to the next.
  module.enableCompileCache?.();
  await import(main.href);
} else {
  handOver(pinnedNode());
}

function pinnedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const up of ['../node_modules/', '../../node_modules/', '../../../']) {
    const path = fileURLToPath(new URL(`${up}node/bin/${name}`, import.meta.url));
    if (existsSync(path)) return path;
  }
  process.stderr.write(
    `souk needs Node 22.18 or later; this is ${process.version} and the pinned one is not installed.\n` +
      '  → Run npm install in the checkout.\n',
  );
  process.exit(9);
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both of us; the child decides how to end and we follow it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`souk cannot start ${node}: ${error.message}\n`);
    process.exit(10);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
}
