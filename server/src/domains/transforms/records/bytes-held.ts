/** Bytes that came and were not taken yet. */
export class BytesHeld {
  /** Of the first byte held, in the file. */
  offset = 0;
  private pieces: Buffer[] = [];
  private bytes = 0;

  get length(): number {
    return this.bytes;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.pieces.push(piece);
    this.bytes += piece.length;
  }

  /** The first `count` bytes, which stay held; undefined while there are fewer. */
  peek(count: number): Buffer | undefined {
    if (this.bytes < count) return undefined;
    const [first] = this.pieces;
    if (first && first.length >= count) return first.subarray(0, count);
    const whole = Buffer.concat(this.pieces);
    this.pieces = [whole];
    return whole.subarray(0, count);
  }

  drop(count: number): void {
    this.offset += count;
    this.bytes -= count;
    let left = count;
    while (left > 0) {
      const [first] = this.pieces;
      if (!first) return;
      if (first.length > left) {
        this.pieces[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      this.pieces.shift();
    }
  }
}
