import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { interrupted, misuse } from './failure.ts';
import type { Host } from './host.ts';

export async function ask(host: Host, question: string, flag: string): Promise<string> {
  if (!host.stdin.isTTY) throw misuse(`${question} is not given, and nobody can be asked.`, `Give ${flag}.`);
  const reader = createInterface({ input: host.stdin, output: host.stderr });
  try {
    const answer = (await reader.question(`${question}: `, { signal: host.signal })).trim();
    if (!answer) throw misuse(`${question} is empty.`, `Give ${flag}.`);
    return answer;
  } finally {
    reader.close();
  }
}

/** The password, from a pipe or typed without echo. */
export async function readPassword(host: Host, fromStdin: boolean, question = 'Password'): Promise<string> {
  if (fromStdin) {
    const given = (await text(host.stdin)).replace(/\r?\n$/, '');
    if (!given) throw misuse('There is no password on stdin.', 'Pipe it in, without quotes.');
    return given;
  }
  if (!host.stdin.isTTY || !host.stdin.setRawMode)
    throw misuse('A password is needed, and nobody can be asked.', 'Pipe it in with --password-stdin.');
  return hidden(host, question);
}

function hidden(host: Host, question: string): Promise<string> {
  const { stdin, stderr } = host;
  stderr.write(`${question}: `);
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (end: () => void) => {
      stdin.off('data', read);
      stdin.setRawMode?.(false);
      stdin.pause();
      stderr.write('\n');
      end();
    };
    const read = (data: Buffer) => {
      for (const c of data.toString('utf8')) {
        const code = c.codePointAt(0) ?? 0;
        // Raw mode hands us the control keys: Enter, Ctrl-D, Ctrl-C, Backspace, Ctrl-U.
        if (code === 13 || code === 10 || code === 4) return finish(() => resolve(typed));
        if (code === 3) return finish(() => reject(interrupted()));
        if (code === 127 || code === 8) typed = [...typed].slice(0, -1).join('');
        else if (code === 21) typed = '';
        else if (code >= 32) typed += c;
      }
    };
    stdin.setRawMode?.(true);
    stdin.resume();
    stdin.on('data', read);
  });
}
