import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const kept = 1000;

export interface Progress {
  /** Has taken in everything before `offset`. */
  readonly hash: Hash;
  readonly offset: number;
  /** As far as this process has waited for the disk. */
  readonly syncedTo: number;
}

/**
 * The running digests of uploads under way, so that a file is hashed as it arrives and not read again. What this process did not
 * see (a restart, another process, a part that failed) is read from the file once.
 */
export class RunningHashes {
  readonly #known = new Map<string, Progress>();

  /** The digest over the first `offset` bytes; the caller owns it until it gives it back. */
  async take(id: string, path: string, offset: number): Promise<Progress> {
    const known = this.#known.get(id);
    this.#known.delete(id);
    if (known?.offset === offset) return known;
    const hash = createHash('sha256');
    if (offset === 0) return { hash, offset, syncedTo: 0 };
    for await (const chunk of createReadStream(path, { end: offset - 1, highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
    return { hash, offset, syncedTo: 0 };
  }

  giveBack(id: string, progress: Progress): void {
    this.#known.set(id, progress);
    const [oldest] = this.#known.keys();
    if (this.#known.size > kept && oldest !== undefined) this.#known.delete(oldest);
  }
}
