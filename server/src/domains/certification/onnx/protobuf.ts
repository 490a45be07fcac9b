import type { ByteSource } from './byte-source.ts';

/** The bytes do not follow protobuf's encoding, or exceed what we are willing to read. */
export class ProtobufProblem extends Error {
  readonly tooComplex: boolean;
  constructor(message: string, tooComplex = false) {
    super(message);
    this.name = 'ProtobufProblem';
    this.tooComplex = tooComplex;
  }
}

/**
 * One field of a message. `value` is the number of a varint (int64, exact up to 2^53); for a length-delimited field it
 * is the length, and the content lies at `from`..`to` of the source, unread.
 */
export type Field = {
  readonly number: number;
  readonly wire: 'varint' | 'fixed64' | 'block' | 'fixed32';
  readonly value: number;
  readonly from: number;
  readonly to: number;
};

/** What one reading may cost; shared by all messages of a model, so that nesting cannot multiply it. */
export type Budget = { fieldsLeft: number };

const deepest = 64; // onnxruntime's own protobuf stops at 100 nested messages; each graph level takes three

/** Walks the fields of one message. Unknown fields are passed on like known ones; groups, long obsolete, are refused. */
export function* fieldsOf(
  source: ByteSource,
  from: number,
  to: number,
  depth: number,
  budget: Budget,
): Generator<Field> {
  if (depth > deepest) throw new ProtobufProblem('messages are nested too deeply', true);
  let at = from;
  while (at < to) {
    if (--budget.fieldsLeft < 0) throw new ProtobufProblem('the description has too many parts', true);
    const key = varint(source, at, to);
    at = key.next;
    const number = Math.floor(key.value / 8);
    if (number < 1 || number > 0x1fffffff)
      throw new ProtobufProblem(`field number ${number} is not possible`);
    switch (key.value % 8) {
      case 0: {
        const { value, next } = varint(source, at, to);
        yield { number, wire: 'varint', value, from: at, to: next };
        at = next;
        break;
      }
      case 1:
      case 5: {
        const size = key.value % 8 === 1 ? 8 : 4;
        if (at + size > to) throw new ProtobufProblem('a number is cut short');
        yield { number, wire: size === 8 ? 'fixed64' : 'fixed32', value: 0, from: at, to: at + size };
        at += size;
        break;
      }
      case 2: {
        const { value: length, next } = varint(source, at, to);
        if (length < 0 || next + length > to)
          throw new ProtobufProblem('a part is longer than what holds it');
        yield { number, wire: 'block', value: length, from: next, to: next + length };
        at = next + length;
        break;
      }
      default:
        throw new ProtobufProblem(`wire type ${key.value % 8} is not used by ONNX`);
    }
  }
}

function varint(source: ByteSource, at: number, to: number): { value: number; next: number } {
  const room = Math.min(10, to - at);
  if (room <= 0) throw new ProtobufProblem('a number is cut short');
  const bytes = source.read(at, room);
  let low = 0;
  let high = 0;
  for (let i = 0; i < room; i++) {
    const byte = bytes[i] ?? 0;
    if (i < 4) low += (byte & 0x7f) * 2 ** (7 * i);
    else high += (byte & 0x7f) * 2 ** (7 * (i - 4));
    if (byte < 0x80) return { value: signed64(low, high), next: at + i + 1 };
  }
  throw new ProtobufProblem(room === 10 ? 'a number has too many bytes' : 'a number is cut short');
}

/** Joins 28 low and 42 high bits to a two's complement int64; beyond 2^53 the last digits are rounded. */
function signed64(low: number, high: number): number {
  const upper = high % 2 ** 36; // bits above 63 are dropped, as protobuf does
  return upper >= 2 ** 35 ? (upper - 2 ** 36) * 2 ** 28 + low : upper * 2 ** 28 + low;
}

/** The text of a block, at most `longest` bytes of it; broken UTF-8 becomes replacement characters. */
export function textOf(source: ByteSource, field: Field, longest = 1024): string {
  return source.read(field.from, Math.min(field.to - field.from, longest)).toString('utf8');
}

/** The numbers of a repeated int64 field: one, or a packed block of at most `most`. */
export function* numbersOf(source: ByteSource, field: Field, most: number): Generator<number> {
  if (field.wire === 'varint') {
    yield field.value;
    return;
  }
  let at = field.from;
  for (let i = 0; at < field.to; i++) {
    if (i >= most) throw new ProtobufProblem('a list of dimensions is too long', true);
    const { value, next } = varint(source, at, field.to);
    yield value;
    at = next;
  }
}
