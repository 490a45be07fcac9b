import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { confine, type Sandbox } from '../../../platform/sandbox.ts';
import { folderOf } from './opt-ml.ts';
import { killSandboxed } from './signals.ts';
import type { TrainingRun } from './training.ts';

/**
 * Feeds a channel's pipes for ever: $1 is the path without `_<epoch>`, $2 a list of files that ends each with NUL. The pipe of the next
 * epoch is there before this one ends, since a program opens it as soon as it has read the end. A program that closes its pipe early
 * kills `cat` and goes on to the next epoch.
 */
export const feedPipes = `mkfifo "$1_0" || exit 1
i=0
while :; do
  mkfifo "$1_$((i + 1))" || exit 1
  xargs -0 cat < "$2" > "$1_$i"
  rm -f "$1_$i"
  i=$((i + 1))
done`;

/** The files of a channel, in the order in which a pipe gives them. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort();
}

export interface Pipes {
  stop(): void;
}

/**
 * The pipes of all channels that are piped, below the work folder's `data`. Each is fed by a process of its own: to open a pipe waits for
 * its reader, which would hold a thread of ours for as long as the program likes. In the sandbox, so that they end when we are killed.
 */
export async function startPipes(
  sandbox: Sandbox,
  run: Pick<TrainingRun, 'workDir' | 'channels'>,
): Promise<Pipes> {
  const data = folderOf(run.workDir, 'data');
  const lists = join(run.workDir, 'lists');
  const feeders: ChildProcess[] = [];
  for (const channel of run.channels.filter((c) => c.inputMode === 'Pipe')) {
    await mkdir(lists, { recursive: true });
    const list = join(lists, channel.name);
    await writeFile(list, (await listFiles(channel.folder)).map((path) => `${path}\0`).join(''));
    const { file, args, env } = confine(sandbox, {
      command: ['/bin/sh', '-c', feedPipes, 'sh', join(data, channel.name), list],
      readOnly: [
        ...['/usr/bin', '/bin', '/etc/alternatives'].filter((path) => existsSync(path)),
        channel.folder,
        lists,
      ],
      writable: [data],
      environment: { PATH: '/usr/bin:/bin' },
    });
    const feeder = spawn(file, args, { env: { ...env }, stdio: 'ignore' });
    feeder.on('error', () => undefined);
    feeders.push(feeder);
    // A program that looks at once would find no pipe.
    while (!existsSync(join(data, `${channel.name}_0`)) && feeder.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    stop() {
      for (const feeder of feeders) killSandboxed(feeder.pid);
    },
  };
}
