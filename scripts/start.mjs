// npm start: from a clean clone to a running marketplace with published examples, with no other step.
import { spawn } from 'node:child_process';
import { buildWeb, environment, installPackages, pinnedNode, root, say, systemParts } from './prepare.mjs';

try {
  const system = systemParts('run');
  await installPackages(false);
  const [missing] = await Promise.all([system, buildWeb()]);
  if (missing)
    say(
      `${missing}\nsouk: without them models run without a sandbox, and what cannot be scanned is recorded as not run`,
    );
} catch (error) {
  say(error.message);
  process.exit(1);
}

// The same process group: Ctrl-C reaches both, and this one waits for the orderly end of the other.
const child = spawn(
  pinnedNode,
  [
    '--max-semi-space-size=2',
    'server/src/main.ts',
    'serve',
    '--after',
    'examples/demo.ts',
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: environment(),
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
