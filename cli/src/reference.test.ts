import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Command } from 'commander';
import { App } from './app.ts';
import { descriptionOf } from './command.ts';
import { generatedFiles, root } from './generated.ts';
import { buildProgram } from './program.ts';
import { runSouk } from './testing/run-souk.ts';

for (const { path, text } of generatedFiles())
  test(`${path} is what \`npm run generate -w cli\` writes`, () => {
    assert.equal(readFileSync(`${root}${path}`, 'utf8'), text);
  });

const leavesOf = (command: Command): Command[] =>
  command.commands.length > 0 ? command.commands.flatMap(leavesOf) : [command];

test('every command has a summary, and examples that begin with souk and name no option that it lacks', () => {
  const stream = process.stdout;
  const program = buildProgram(
    new App({
      argv: [],
      env: {},
      cwd: '/',
      stdin: process.stdin,
      stdout: stream,
      stderr: stream,
      signal: new AbortController().signal,
    }),
  );
  for (const leaf of leavesOf(program)) {
    const { examples = [] } = descriptionOf(leaf) ?? {};
    // The program would take it for its own, and the command would say that it is missing.
    for (const { long } of leaf.options)
      assert.ok(
        !program.options.some((o) => o.long === long),
        `${leaf.name()} has ${long}, as all commands do`,
      );
    assert.ok(leaf.description() && examples.length > 0, leaf.name());
    for (const example of examples) assert.match(example, /souk /);
    // Commands that run on the desk have options that the server knows.
    if ((leaf as unknown as { _allowUnknownOption: boolean })._allowUnknownOption) continue;
    const known = [...leaf.options, ...program.options].map((o) => o.long);
    const used = examples.flatMap((e) => e.match(/(?<= )--[a-z-]+/g) ?? []);
    for (const flag of used) assert.ok(known.includes(flag), `${leaf.name()} has no ${flag}`);
  }
});

test('--help of a command shows its examples and ends with 0; --version tells the version', async () => {
  const help = await runSouk(['models', 'push', '--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Examples:\n {2}\$ souk models push/);
  assert.match((await runSouk(['--version'])).stdout, /souk +\d+\.\d+\.\d+/);
  assert.match((await runSouk([])).stdout, /Publish:[\s\S]*Exit codes:/);
});
