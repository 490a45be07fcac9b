import { fail } from '../../../platform/errors.ts';
import { BytesHeld } from './bytes-held.ts';
import { maskedCrc32c } from './crc32c.ts';
import type { SplitOptions, Splitter } from './split.ts';

const headBytes = 12;
const tailBytes = 4;

/** TensorFlow's TFRecord: a 64-bit length and its checksum, the content and its checksum (CRC-32C, masked). Records come out framed. */
export function newTfRecord({ uri, recordBytesMax }: SplitOptions): Splitter {
  const held = new BytesHeld();
  let record = 1;
  const broken = (problem: string): never =>
    fail('transform.tf_record_broken', { record, uri, problem, byte: held.offset });

  function next(): Buffer | undefined {
    const head = held.peek(headBytes);
    if (!head) return undefined;
    if (maskedCrc32c(head.subarray(0, 8)) !== head.readUInt32LE(8))
      broken('the checksum of its length is wrong');
    const length = head.readBigUInt64LE(0);
    if (length > BigInt(recordBytesMax - headBytes - tailBytes))
      fail('transform.record_too_large', { record, uri, limitBytes: recordBytesMax });
    const size = headBytes + Number(length) + tailBytes;
    const whole = held.peek(size);
    if (!whole) return undefined;
    if (maskedCrc32c(whole.subarray(headBytes, -tailBytes)) !== whole.readUInt32LE(size - tailBytes))
      broken('the checksum of its content is wrong');
    const one = Buffer.from(whole);
    held.drop(size);
    record += 1;
    return one;
  }

  return {
    push(bytes) {
      held.add(bytes);
      const records: Buffer[] = [];
      for (let one = next(); one; one = next()) records.push(one);
      return records;
    },
    end() {
      if (held.length > 0) broken('the file ends in the middle of it');
      return [];
    },
  };
}
