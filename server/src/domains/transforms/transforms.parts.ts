const lineFeed = 10;
const oneLineFeed = Buffer.from('\n');

/**
 * The bytes of a call, gathered record by record. Records that follow each other in what was read become one part, since a call may
 * hold a hundred thousand of them: putting together that many parts takes longer than cutting them.
 */
export function newParts() {
  let parts: Buffer[] = [];
  let bytes = 0;
  // The last part: from `start` to `end` of `memory`.
  let memory: ArrayBufferLike | undefined;
  let start = 0;
  let end = 0;

  function close() {
    if (memory) parts.push(Buffer.from(memory, start, end - start));
    memory = undefined;
  }

  return {
    get bytes() {
      return bytes;
    },
    add(record: Buffer): void {
      bytes += record.length;
      if (memory === record.buffer && end === record.byteOffset) {
        end += record.length;
        return;
      }
      close();
      memory = record.buffer;
      start = record.byteOffset;
      end = start + record.length;
    },
    /** The line's end as it stands behind the record, or one of our own where it has another or none. */
    endLine(within: Buffer | undefined): void {
      bytes += 1;
      if (memory && within && within.buffer === memory) {
        const at = end - within.byteOffset;
        if (at >= 0 && at < within.length && within[at] === lineFeed) {
          end += 1;
          return;
        }
      }
      close();
      parts.push(oneLineFeed);
    },
    take(): Buffer {
      close();
      const body = Buffer.concat(parts, bytes);
      parts = [];
      bytes = 0;
      return body;
    },
  };
}
