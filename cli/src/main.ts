import { isDeskCommand } from './desk.ts';
import { asFailure, exitCodeOf } from './failure.ts';
import type { Host } from './host.ts';
import { Output } from './output/output.ts';

/** Reads the process, once; nothing else does. */
const argv = process.argv.slice(2);
const interrupt = new AbortController();
const host: Host = {
  argv,
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
};

// `souk ... | head` is no mistake of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

async function main(): Promise<number> {
  const [command, ...rest] = argv;
  // These have options of their own that the server reads; ours never see them.
  if (
    isDeskCommand(command) &&
    !rest.some((a) => a === '--help' || a === '-h') &&
    !isOurVerify(command, rest)
  ) {
    const { deskCommand } = await import('./commands/desk.ts');
    return deskCommand(host, command, rest);
  }
  const { run } = await import('./program.ts');
  listenForInterrupt();
  return run(host);
}

/** `verify` of a product is ours; with a statement's file in hand it is the server's. */
const isOurVerify = (command: string, args: readonly string[]) =>
  command === 'verify' && !args.some((a) => a.startsWith('--statement'));

/** The first Ctrl-C lets a command put the terminal in order; the second one ends at once. */
function listenForInterrupt(): void {
  const stop = () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new DOMException('Interrupted', 'AbortError'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

try {
  process.exitCode = await main();
} catch (error) {
  const failure = asFailure(error, interrupt.signal);
  new Output(host, argv.includes('--json')).failure(failure);
  process.exitCode = exitCodeOf(failure);
}
// A paused terminal keeps the process alive.
process.stdin.unref?.();
