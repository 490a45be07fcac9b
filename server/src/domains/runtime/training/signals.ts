import { readFileSync } from 'node:fs';
import { processTree } from '../memory-limit.ts';

/** The first process of a sandbox takes all others along, however fast they fork. */
export function killSandboxed(pid: number | undefined): void {
  if (pid === undefined) return;
  for (const each of processTree(pid).slice(0, 3).reverse()) send(each, 'SIGKILL');
}

/** Asks the program of a sandbox to end. False while the sandbox is still being set up and there is no program to ask. */
export function askToEnd(pid: number | undefined): boolean {
  const program = pid === undefined ? undefined : processTree(pid).find((each) => nameOf(each) !== 'bwrap');
  if (program === undefined) return false;
  send(program, 'SIGTERM');
  return true;
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    // Gone: not what is looked for.
    return 'bwrap';
  }
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone by itself.
  }
}
