import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

const lineCharsMax = 8192;
const chunkBytes = 256 * 1024;

/** Reads on in a file that another computer writes to; from its beginning, so that whoever comes back hears everything. */
export class LogTail {
  readonly #path: string;
  readonly #bytesMax: number;
  readonly #onLines: (lines: readonly string[]) => void;
  readonly #decoder = new StringDecoder('utf8');
  #offset = 0;
  #rest = '';
  #cut = false;

  constructor(path: string, bytesMax: number, onLines: (lines: readonly string[]) => void) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#onLines = onLines;
  }

  async poll(last = false): Promise<void> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    if (file === undefined) return;
    try {
      const buffer = Buffer.alloc(chunkBytes);
      while (this.#offset < this.#bytesMax) {
        const room = Math.min(chunkBytes, this.#bytesMax - this.#offset);
        const { bytesRead } = await file.read(buffer, 0, room, this.#offset);
        if (bytesRead === 0) break;
        this.#offset += bytesRead;
        this.#take(this.#decoder.write(buffer.subarray(0, bytesRead)));
      }
    } finally {
      await file.close();
    }
    if (last && this.#rest !== '' && !this.#cut) this.#onLines([this.#rest]);
  }

  #take(text: string): void {
    const pieces = (this.#rest + text).split('\n');
    this.#rest = pieces.pop() ?? '';
    if (this.#cut && pieces.length > 0) {
      pieces.shift();
      this.#cut = false;
    }
    if (pieces.length > 0) this.#onLines(pieces.map((line) => line.slice(0, lineCharsMax)));
    if (this.#rest.length <= lineCharsMax) return;
    if (!this.#cut) this.#onLines([this.#rest.slice(0, lineCharsMax)]);
    this.#cut = true;
    this.#rest = '';
  }
}
