import { type Command, Option } from 'commander';
import { wholeNumber } from './pages.ts';

/** What the help and docs/cli.md show beside the options. */
export interface Described {
  readonly examples: readonly string[];
  readonly notes?: string;
  /** What its group does where no verb is given. */
  readonly isDefault?: boolean;
}
const described = new WeakMap<Command, Described>();
export const descriptionOf = (command: Command): Described | undefined => described.get(command);

/** A noun with verbs below it. */
export function group(parent: Command, name: string, summary: string): Command {
  const command = parent.command(name).description(summary).summary(summary);
  command.copyInheritedSettings(parent);
  return command;
}

/** One command: what it does in a line, and examples that can be pasted. */
export function leaf(parent: Command, usage: string, summary: string, more: Described): Command {
  const command = parent
    .command(usage, { isDefault: more.isDefault ?? false })
    .description(summary)
    .summary(summary);
  described.set(command, more);
  if (more.notes) command.addHelpText('after', `\n${more.notes}`);
  return command.addHelpText('after', `\nExamples:\n${more.examples.map((e) => `  $ ${e}`).join('\n')}`);
}

export const limitOption = (standard: number) =>
  new Option('--limit <n>', 'at most this many').default(standard).argParser(wholeNumber);

export const choice = (flags: string, text: string, values: readonly string[]) =>
  new Option(flags, text).choices([...values]);

/** An option that may be given several times, or once with commas. */
export const several = (flags: string, text: string) =>
  new Option(flags, text).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    ...value.split(',').filter(Boolean),
  ]);

/** The same with values that may hold commas: each option is one. */
export const severalWhole = (flags: string, text: string) =>
  new Option(flags, text).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);
