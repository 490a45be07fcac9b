import type { Readable } from 'node:stream';

const lineCharsMax = 8192;
const linesPerSecondMax = 500;

/**
 * Lines of a program that nobody here wrote: one without an end is cut, and of a flood only the first lines of each second are kept,
 * with the number of those that were not. So neither costs memory, and the program is never kept waiting for its reader.
 */
export async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  let cut = false;
  let dropped = 0;
  let second = 0;
  let kept = 0;
  const say = (line: string) => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      if (dropped > 0) onLine(`(${dropped} more lines within a second were left out)`);
      [second, kept, dropped] = [now, 0, 0];
    }
    if (++kept > linesPerSecondMax) dropped++;
    else onLine(line.slice(0, lineCharsMax));
  };
  for await (const chunk of stream.setEncoding('utf8')) {
    const pieces = (rest + (chunk as string)).split('\n');
    rest = pieces.pop() ?? '';
    if (cut && pieces.length > 0) {
      pieces.shift();
      cut = false;
    }
    for (const line of pieces) say(line);
    if (rest.length <= lineCharsMax) continue;
    if (!cut) say(rest);
    cut = true;
    rest = '';
  }
  if (rest !== '' && !cut) say(rest);
  if (dropped > 0) onLine(`(${dropped} more lines within a second were left out)`);
}
