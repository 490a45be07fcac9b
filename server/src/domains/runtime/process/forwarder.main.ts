// The first program in the sandbox of a served program: it starts that one and hands it, byte by byte and unread, what comes to a
// socket of the file system. The sandbox has a network of its own with nobody in it, so its port 8080 is reached by no other way. Its
// standard input is the leash: when Souk ends, however it ends, the program is asked to end, and goes with the sandbox when it does not.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [unix = '', port = '', graceMs = '', file = '', ...args] = process.argv.slice(2);
const program = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
let ending = false;

const listening = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
  const called = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true, noDelay: true });
  caller.on('error', () => called.destroy());
  called.on('error', () => caller.destroy());
  caller.on('close', () => called.destroy());
  called.on('close', () => caller.destroySoon());
  caller.pipe(called);
  called.pipe(caller);
}).listen(unix);

program.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
program.once('exit', (code, signal) => {
  const end = () => process.exit(ending ? 0 : (code ?? (signal === null ? 1 : 128)));
  // Its last answers are still on their way to those who asked.
  listening.close(end);
  setTimeout(end, 1000);
});

function letGo(): void {
  if (ending) return;
  ending = true;
  program.kill('SIGTERM');
  setTimeout(() => process.exit(0), Number(graceMs)).unref();
}
process.stdin.on('end', letGo);
process.stdin.on('close', letGo);
process.stdin.on('error', letGo);
process.stdin.resume();
process.on('SIGTERM', letGo);
