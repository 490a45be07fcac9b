// npm run bench: installs what the measurements need, then prints one table; `-- --json` prints JSON, `-- NAME` measures a part.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildWeb,
  environment,
  installPackages,
  pinnedNode,
  root,
  run,
  say,
  systemParts,
} from './prepare.mjs';

const words = process.argv.slice(2);
const peer = join(root, 'bench', 'vendure');

try {
  const system = systemParts('bench');
  await installPackages(true);
  const [missing] = await Promise.all([system, buildWeb()]);
  // Each part says in the table what it lacks.
  if (missing) say(missing);
} catch (error) {
  say(error.message);
  process.exit(1);
}
const names = words.filter((w) => !w.startsWith('-'));
if (names.length === 0 || names.some((w) => 'catalog'.includes(w))) installPeer();
const { code } = await run(pinnedNode, ['bench/run.ts', ...words], { env: environment() });
process.exit(code);

/** Vendure, which nothing but its row in the table needs. */
function installPeer() {
  if (existsSync(join(peer, 'node_modules', '@vendure', 'core'))) return;
  say('installing Vendure for the comparison (once; about half a minute)');
  const args = ['ci', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', args, { cwd: peer, encoding: 'utf8' });
  if (status !== 0) say(`Vendure could not be installed, so it is missing from the table: ${stderr.trim()}`);
}
