// npm run examples -- containers: examples beside those of `npm start`, published into the demonstration that it runs.
import { environment, installPackages, pinnedNode, run, say } from './prepare.mjs';

const programs = { containers: 'examples/containers.ts' };
const [name = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(programs, name)) {
  say(`usage: npm run examples -- ${Object.keys(programs).join('|')}`);
  process.exit(2);
}
try {
  await installPackages(false);
} catch (error) {
  say(error.message);
  process.exit(1);
}
const { code } = await run(pinnedNode, [programs[name], ...rest], { env: environment() });
process.exit(code);
