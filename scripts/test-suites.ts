import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { startTestPostgres } from '../server/test/postgres.ts';

/** Every suite, in the order in which a mistake is cheapest to find. `npm test -- journeys` runs those whose name contains a word. */
interface Suite {
  readonly name: string;
  readonly files: string[];
  readonly concurrency: number;
  /** Why it cannot run on this machine, with what would change that; undefined when it can. */
  readonly cannotRun?: string | undefined;
}

const words = process.argv.slice(2);
const has = (command: string) =>
  (process.env.PATH ?? '')
    .split(':')
    .concat('/usr/sbin')
    .some((folder) => existsSync(join(folder, command)));
const tests = (...patterns: string[]) =>
  patterns
    .flatMap((p) => globSync(p, { exclude: (name) => name === 'node_modules' || name === 'dist' }))
    .sort();
const fixtures = existsSync('../shared/fixtures')
  ? undefined
  : 'the folder ../shared/fixtures is not beside this checkout';
const browser = has('chromium') ? undefined : 'chromium is missing (apt-get install chromium)';

const suites: Suite[] = [
  {
    name: 'units',
    // Twice the cores of the smallest machine that runs them: half of the time a test waits, for a process, a disk or a deadline.
    concurrency: 4,
    files: tests(
      'contract/src/**/*.test.ts',
      'server/src/**/*.test.ts',
      'cli/**/*.test.ts',
      'examples/**/*.test.ts',
      'web/src/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/house/**/*.test.ts',
    ),
  },
  { name: 'fixtures', concurrency: 1, files: tests('test/fixtures/**/*.test.ts'), cannotRun: fixtures },
  { name: 'journeys', concurrency: 3, files: tests('test/journeys/**/*.test.ts') },
  { name: 'browser', concurrency: 3, files: tests('web/e2e/**/*.test.ts'), cannotRun: browser },
];

const totals = { passed: 0, failed: 0 };
const notRun: string[] = [];
const failures: string[] = [];
const unsteady: string[] = [];
const chosen = suites.filter((s) => words.length === 0 || words.some((w) => s.name.includes(w)));

if (words.length === 0) {
  for (const [name, command, args] of [
    ['format and lint', 'biome', ['check', '--error-on-warnings', '.']],
    ['types', 'tsc', ['-p', '.']],
    ['types of the web application', 'tsc', ['-p', 'web']],
  ] as const)
    await step(name, command, args);
}

const folder = mkdtempSync(join(tmpdir(), 'souk-test-'));
const postgres = await startTestPostgres(folder);
process.env.SOUK_TEST_POSTGRES = postgres.url;
// Hundreds of processes read the same files: what one has compiled the others need not.
process.env.NODE_COMPILE_CACHE ??= join(folder, 'compiled');
try {
  for (const suite of chosen) await runSuite(suite);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

if (failures.length) console.log(`\nFailed:\n${failures.map((f) => `  ✗ ${f}`).join('\n')}`);
if (notRun.length)
  console.log(
    `\n${'='.repeat(78)}\nNOT RUN on this machine, and not counted as passed:\n${notRun.map((n) => `  - ${n}`).join('\n')}\n${'='.repeat(78)}`,
  );
if (unsteady.length)
  console.log(
    `\n${'='.repeat(78)}\nUNSTEADY: failed beside others, and passed when run again alone:\n${unsteady.map((n) => `  - ${n}`).join('\n')}\n${'='.repeat(78)}`,
  );
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${notRun.length} skipped`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

async function step(name: string, command: string, args: readonly string[]) {
  const started = Date.now();
  const child: ChildProcess = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout?.on('data', (d: Buffer) => (output += d.toString()));
  child.stderr?.on('data', (d: Buffer) => (output += d.toString()));
  const code = await new Promise<number>((resolve) => child.once('close', (c) => resolve(c ?? 1)));
  console.log(`${code === 0 ? '✔' : '✗'} ${name} (${Date.now() - started} ms)`);
  if (code === 0) totals.passed++;
  else {
    console.log(output.slice(-20_000));
    totals.failed++;
    failures.push(name);
  }
}

async function runSuite(suite: Suite) {
  if (suite.cannotRun) {
    notRun.push(`${suite.name} (${suite.files.length} files): ${suite.cannotRun}`);
    return;
  }
  if (suite.files.length === 0) return;
  const started = Date.now();
  console.log(`\n── ${suite.name}: ${suite.files.length} files ──`);
  const { passed, failed, skipped } = await runFiles(suite.files, suite.concurrency);
  totals.passed += passed.length;
  notRun.push(...skipped.map((s) => `${suite.name}: ${s}`));
  for (const [file, names] of failed) await runAgain(suite, file, names);
  console.log(`── ${suite.name} took ${Math.round((Date.now() - started) / 1000)} s ──`);
}

/**
 * A file with a failure runs once more, alone. What fails again has failed; what passes was disturbed by what ran beside it, and is
 * named at the end so that it is mended: a shared machine must not decide whether a change is right, nor hide that a test is unsteady.
 */
async function runAgain(suite: Suite, file: string, names: readonly string[]) {
  console.log(`\n── ${suite.name}: ${file} again, alone ──`);
  // A test that several files share stands in a file of its own: all that import it run again.
  const entries = suite.files.some((f) => resolve(f) === file)
    ? [file]
    : suite.files.filter((f) => readFileSync(f, 'utf8').includes(`/${basename(file)}'`));
  const again = entries.length > 0 ? await runFiles(entries, 1) : undefined;
  const failedAgain = [...(again?.failed.values() ?? [])].flat();
  for (const name of names) {
    const recovered = again?.passed.includes(name) === true && !failedAgain.includes(name);
    totals[recovered ? 'passed' : 'failed']++;
    (recovered ? unsteady : failures).push(`${suite.name}: ${name}`);
  }
  for (const name of failedAgain)
    if (!names.includes(name)) {
      totals.failed++;
      failures.push(`${suite.name}: ${name}`);
    }
}

function nameOf(t: { name: string; file?: string | undefined; line?: number | undefined }): string {
  return `${t.name}${t.file ? ` (${t.file}${t.line ? `:${t.line}` : ''})` : ''}`;
}

async function runFiles(files: readonly string[], concurrency: number) {
  const failed = new Map<string, string[]>();
  const skipped: string[] = [];
  const passed: string[] = [];
  const stream = run({ files: [...files], concurrency, timeout: 600_000 });
  stream.on('test:pass', (t) => {
    // A test, or a whole group of them, that skips itself says why; it did not pass.
    if (t.skip !== undefined || t.todo !== undefined)
      skipped.push(`${t.name}${typeof t.skip === 'string' ? `: ${t.skip}` : ''}`);
    else if (t.details.type !== 'suite') passed.push(nameOf(t));
  });
  stream.on('test:fail', (t) => {
    if (t.details.type === 'suite') return;
    const file = t.file ?? '';
    failed.set(file, [...(failed.get(file) ?? []), nameOf(t)]);
  });
  const report = stream.compose(new spec());
  report.pipe(process.stdout, { end: false });
  await new Promise<void>((resolve) => report.once('end', resolve));
  return { passed, failed, skipped };
}
