import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';

export interface OutputPipe {
  /** What was written, until every writer has closed. */
  readonly from: Socket;
  /** For the program. */
  readonly to: number;
  /** Once the program has it: else its end would never be seen. */
  given(): void;
}

/**
 * A pipe of the kernel. What Node gives its children is a pair of sockets, and a socket cannot be opened by its name: a program that
 * logs to /dev/stderr, as the stock images of nginx do, would not start.
 */
export function outputPipe(path: string): OutputPipe {
  const made = spawnSync('mkfifo', ['--mode=600', path], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`no pipe at ${path}: ${made.error?.message ?? made.stderr}`);
  try {
    // The reading end first, and without waiting for a writer: opening the other would wait for a reader.
    const from = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const to = openSync(path, constants.O_WRONLY);
    return {
      from: new Socket({ fd: from, readable: true, writable: false }),
      to,
      given: () => closeSync(to),
    };
  } finally {
    rmSync(path, { force: true });
  }
}
