import type { Log } from './log.ts';
import type { Server } from './serve.ts';

const drainMsMax = 20_000;

/**
 * Ends the process in good order: SIGTERM and SIGINT answer what was begun and exit 0. `withParent`: so does the end of
 * standard input, which is a pipe from whoever started us, so that a server never outlives a parent that was killed.
 */
export function endInGoodOrder(server: Server, withParent: boolean, log: Log): void {
  let ending = false;
  const end = (why: string) => {
    if (ending) return;
    ending = true;
    log('info', `stopping: ${why}`);
    setTimeout(() => {
      log('warn', `calls were still running after ${drainMsMax / 1000} s`);
      process.exit(1);
    }, drainMsMax).unref();
    void server.stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  if (!withParent) return;
  process.stdin.on('end', () => end('standard input is closed'));
  process.stdin.on('close', () => end('standard input is closed'));
  process.stdin.on('error', () => end('standard input is closed'));
  process.stdin.resume();
}
