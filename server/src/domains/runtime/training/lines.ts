import type { Readable } from 'node:stream';

const lineCharsMax = 8192;
/** Read in one piece while everything else on this server waits for its turn. */
const linesAtOnce = 500;

/** Lines as they come; a line without an end is cut, so that nothing grows without bound here. */
export async function readLines(
  stream: Readable,
  onLines: (lines: readonly string[]) => void,
  counted: (bytes: number) => boolean,
): Promise<void> {
  let rest = '';
  let cut = false;
  for await (const chunk of stream.setEncoding('utf8')) {
    const text = chunk as string;
    // Read on without looking until it is dead: a full pipe would keep it from ending in good order.
    if (!counted(Buffer.byteLength(text))) continue;
    const pieces = (rest + text).split('\n');
    rest = pieces.pop() ?? '';
    if (cut && pieces.length > 0) {
      pieces.shift();
      cut = false;
    }
    for (let i = 0; i < pieces.length; i += linesAtOnce)
      onLines(pieces.slice(i, i + linesAtOnce).map((line) => line.slice(0, lineCharsMax)));
    if (rest.length > lineCharsMax) {
      if (!cut) onLines([rest.slice(0, lineCharsMax)]);
      cut = true;
      rest = '';
    }
  }
  if (rest !== '' && !cut) onLines([rest]);
}
