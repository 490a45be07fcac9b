import { fail } from '../../../platform/errors.ts';
import { newRecordIo } from './record-io.ts';
import { newTfRecord } from './tf-record.ts';

/** Cuts a file into records. Fed with its bytes as they come, cut anywhere; holds one record at most. */
export interface Splitter {
  push(bytes: Buffer): Buffer[];
  end(): Buffer[];
}

export interface SplitOptions {
  /** For messages. */
  readonly uri: string;
  /** What a call may carry: a longer record is refused before it is held in memory. */
  readonly recordBytesMax: number;
}

const newSplitters = {
  Line: newLines,
  RecordIO: newRecordIo,
  TFRecord: newTfRecord,
  None: newWhole,
} as const;
export type SplitType = keyof typeof newSplitters;

export const newSplitter = (type: SplitType, options: SplitOptions): Splitter => newSplitters[type](options);

const lineFeed = 10;
const carriageReturn = 13;
const nothing = Buffer.alloc(0);

/**
 * Lines end with LF or CRLF, which are not part of them; the last one may lack its end. Empty lines are left out. Bytes are looked at, not
 * characters: in UTF-8 no other character has a byte of these two.
 */
function newLines({ uri, recordBytesMax }: SplitOptions): Splitter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let record = 1;
  const hold = (bytes: Buffer) => {
    if (bytes.length === 0) return;
    held.push(bytes);
    heldBytes += bytes.length;
    // One more for a carriage return that is not part of the line.
    if (heldBytes > recordBytesMax + 1)
      fail('transform.record_too_large', { record, uri, limitBytes: recordBytesMax });
  };
  const take = (last: Buffer): Buffer => {
    hold(last);
    const line = held.length === 1 ? (held[0] ?? nothing) : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    const whole = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
    if (whole.length > recordBytesMax)
      fail('transform.record_too_large', { record, uri, limitBytes: recordBytesMax });
    if (whole.length > 0) record += 1;
    return whole;
  };
  return {
    push(bytes) {
      const lines: Buffer[] = [];
      let from = 0;
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
        const line = take(bytes.subarray(from, at));
        if (line.length > 0) lines.push(line);
        from = at + 1;
      }
      hold(bytes.subarray(from));
      return lines;
    },
    end() {
      const line = take(nothing);
      return line.length > 0 ? [line] : [];
    },
  };
}

/** The file is the record. */
function newWhole({ uri, recordBytesMax }: SplitOptions): Splitter {
  const held: Buffer[] = [];
  let heldBytes = 0;
  return {
    push(bytes) {
      heldBytes += bytes.length;
      if (heldBytes > recordBytesMax) fail('transform.file_too_large', { uri, limitBytes: recordBytesMax });
      held.push(bytes);
      return [];
    },
    end: () => (heldBytes === 0 ? [] : [Buffer.concat(held)]),
  };
}
