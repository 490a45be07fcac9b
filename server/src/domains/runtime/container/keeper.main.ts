// Stands between Souk and one container. It lives in the container's network namespace, which has no way out: what it takes from
// a socket of the file system it hands to the container's port, byte by byte and unread. Its standard input is the leash: when
// Souk ends, however it ends, the container is asked to end, and killed when it does not.
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    pid: { type: 'string' },
    started: { type: 'string' },
    grace: { type: 'string' },
    unix: { type: 'string' },
    port: { type: 'string' },
  },
});
const pid = Number(values.pid);
const graceMs = Number(values.grace);

/** The same process still: a pid is given again, the moment of its start is not. */
function alive(): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] === values.started;
  } catch {
    return false;
  }
}

function signal(name: NodeJS.Signals): void {
  try {
    if (alive()) process.kill(pid, name);
  } catch {
    // Gone by itself.
  }
}

let ending = false;
function letGo(): void {
  if (ending) return;
  ending = true;
  signal('SIGTERM');
  const until = Date.now() + graceMs;
  setInterval(() => {
    if (alive() && Date.now() < until) return;
    signal('SIGKILL');
    process.exit(0);
  }, 100);
}
process.stdin.on('end', letGo);
process.stdin.on('close', letGo);
process.stdin.on('error', letGo);
process.stdin.resume();
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

if (values.unix !== undefined)
  createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
    const container = connect({
      host: '127.0.0.1',
      port: Number(values.port),
      allowHalfOpen: true,
      noDelay: true,
    });
    caller.on('error', () => container.destroy());
    container.on('error', () => caller.destroy());
    caller.on('close', () => container.destroy());
    container.on('close', () => caller.destroy());
    caller.pipe(container);
    container.pipe(caller);
  }).listen(values.unix, () => process.stdout.write('ready\n'));
else process.stdout.write('ready\n');
