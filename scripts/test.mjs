// npm test: installs what the tests need, then runs every suite. What cannot run here is named at the end, never counted as passed.
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

try {
  const system = systemParts('test');
  await installPackages(true);
  const [missing] = await Promise.all([system, buildWeb()]);
  if (missing) say(missing);
} catch (error) {
  say(error.message);
  process.exit(1);
}
if (!existsSync(join(root, 'web', 'dist', 'index.html'))) {
  say('the web application was not built');
  process.exit(1);
}
const { code } = await run(pinnedNode, ['scripts/test-suites.ts', ...process.argv.slice(2)], {
  env: environment(),
});
process.exit(code);
