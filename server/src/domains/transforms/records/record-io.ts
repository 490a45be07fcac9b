import { fail } from '../../../platform/errors.ts';
import { BytesHeld } from './bytes-held.ts';
import type { SplitOptions, Splitter } from './split.ts';

const magic = 0xced7230a;
const headBytes = 8;

/**
 * MXNet's RecordIO: a magic number, a length with a flag in its upper three bits, the content, filled up to four bytes. Records come out
 * framed as they were: that is the form in which containers read them. One whose content holds the magic number is written in
 * parts (flags 1, 2, 3), which stay together.
 */
export function newRecordIo({ uri, recordBytesMax }: SplitOptions): Splitter {
  const held = new BytesHeld();
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let record = 1;
  const broken = (problem: string): never =>
    fail('transform.record_io_broken', { record, uri, problem, byte: held.offset });

  function next(): Buffer | undefined {
    const head = held.peek(headBytes);
    if (!head) return undefined;
    if (head.readUInt32LE(0) !== magic) broken('it does not begin with the magic number');
    const word = head.readUInt32LE(4);
    const flag = word >>> 29;
    const length = word & 0x1fffffff;
    const size = headBytes + length + ((4 - (length % 4)) % 4);
    if (flag > 3) broken(`its flag is ${flag}`);
    if (parts.length > 0 ? flag < 2 : flag > 1) broken('its parts are not in order');
    if (partsBytes + size > recordBytesMax)
      fail('transform.record_too_large', { record, uri, limitBytes: recordBytesMax });
    const whole = held.peek(size);
    if (!whole) return undefined;
    const part = Buffer.from(whole);
    held.drop(size);
    parts.push(part);
    partsBytes += size;
    if (flag === 1 || flag === 2) return next();
    const done = parts.length === 1 ? part : Buffer.concat(parts);
    parts = [];
    partsBytes = 0;
    record += 1;
    return done;
  }

  return {
    push(bytes) {
      held.add(bytes);
      const records: Buffer[] = [];
      for (let one = next(); one; one = next()) records.push(one);
      return records;
    },
    end() {
      if (held.length > 0 || parts.length > 0) broken('the file ends in the middle of it');
      return [];
    },
  };
}
