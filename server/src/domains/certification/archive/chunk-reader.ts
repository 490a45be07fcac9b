/** Takes exact numbers of bytes from a stream of chunks, holding no more than one chunk and what was asked for. */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #current: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Exactly `length` bytes, or null at a clean end before the first of them. Throws a RangeError in between. */
  async take(length: number): Promise<Buffer | null> {
    if (this.#current.length >= length) return this.#cut(length);
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#current.length === 0 && !(await this.#next())) {
        if (missing === length) return null;
        throw new RangeError('the stream ends early');
      }
      const part = this.#cut(Math.min(missing, this.#current.length));
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Passes the next `length` bytes on, chunk by chunk. */
  async pass(length: number, to: (chunk: Buffer) => Promise<void> | void): Promise<void> {
    let missing = length;
    while (missing > 0) {
      if (this.#current.length === 0 && !(await this.#next())) throw new RangeError('the stream ends early');
      const part = this.#cut(Math.min(missing, this.#current.length));
      missing -= part.length;
      const waiting = to(part);
      if (waiting !== undefined) await waiting;
    }
  }

  /** Whatever comes next, or null at the end. */
  async rest(): Promise<Buffer | null> {
    if (this.#current.length === 0 && !(await this.#next())) return null;
    return this.#cut(this.#current.length);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done === true) return false;
    this.#current = value;
    return value.length > 0 ? true : this.#next();
  }

  #cut(length: number): Buffer {
    const part = this.#current.subarray(0, length);
    this.#current = this.#current.subarray(length);
    return part;
  }
}
