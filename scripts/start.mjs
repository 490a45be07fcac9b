// npm start: from a clean clone to a running marketplace with published examples, with no other step.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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

const demo = demonstration();

// The same process group: Ctrl-C reaches both, and this one waits for the orderly end of the other.
const child = spawn(
  pinnedNode,
  [
    '--max-semi-space-size=2',
    'server/src/main.ts',
    'serve',
    ...(demo ? ['--beside', 'examples/price-estimator/service.ts'] : []),
    '--after',
    'examples/demo.ts',
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...environment(), ...demo },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));

/**
 * What the service of the example price-estimator needs, where this is the demonstration: a port, a key that outlives restarts,
 * and leave for Souk to call that one port of this machine. A marketplace with accounts of its own has no need of it.
 */
function demonstration() {
  const data = resolve(root, process.env.SOUK_DATA || '.souk');
  const isNew = !existsSync(join(data, 'postgres')) && !process.env.DATABASE_URL;
  if (!isNew && !['demo.json', 'demo.unfinished.json'].some((f) => existsSync(join(data, f))))
    return undefined;
  const port = process.env.PRICE_ESTIMATOR_PORT || String(Number(process.env.SOUK_PORT || 4600) + 10);
  const file = join(data, 'price-estimator.key');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const allowed = [process.env.SOUK_OUTBOUND_ALLOW, `127.0.0.1:${port}`].filter(Boolean).join(',');
  return {
    PRICE_ESTIMATOR_PORT: port,
    PRICE_ESTIMATOR_KEY: readFileSync(file, 'utf8').trim(),
    SOUK_OUTBOUND_ALLOW: allowed,
  };
}
