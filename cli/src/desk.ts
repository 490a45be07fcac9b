import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.ts';

/**
 * Commands that run the server's code on this computer: the server's own entry is started, its input and output are ours,
 * its exit code too. Nothing of server/ is imported here.
 */
export const deskCommands = [
  'serve',
  'migrate',
  'doctor',
  'backup',
  'restore',
  'create-operator',
  'check',
  'verify',
  'serve-model',
] as const;
export type DeskCommand = (typeof deskCommands)[number];
export const isDeskCommand = (word: string | undefined): word is DeskCommand =>
  (deskCommands as readonly (string | undefined)[]).includes(word);

const entry = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

export async function runOnDesk(
  command: DeskCommand,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  return (await start(command, args, cwd, env, 'inherit')).code;
}

/** The same, with what it prints for us to read. */
export const readOnDesk = (
  command: DeskCommand,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ code: number; stdout: string }> => start(command, args, cwd, env, 'pipe');

async function start(
  command: DeskCommand,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  stdout: 'inherit' | 'pipe',
): Promise<{ code: number; stdout: string }> {
  if (!existsSync(entry))
    throw new Failure({
      kind: 'unavailable',
      code: 'cli.no_server',
      message: `souk ${command} runs the server’s code, which is not beside this program.`,
      remedy: 'Run it in a checkout of Souk.',
    });
  const child = spawn(process.execPath, [entry, command, ...args], {
    stdio: ['inherit', stdout, 'inherit'],
    cwd,
    env,
  });
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  // Ctrl-C reaches the whole group: the child ends in its own order, and we with it.
  const ignore = () => {};
  const terminate = () => child.kill('SIGTERM');
  process.on('SIGINT', ignore);
  process.on('SIGTERM', terminate);
  process.on('SIGHUP', terminate);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      // Closed: everything that it printed was read.
      child.once('close', (code, signal) =>
        resolve(code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 15)),
      );
    });
    return { code, stdout: printed };
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', terminate);
    process.off('SIGHUP', terminate);
  }
}
