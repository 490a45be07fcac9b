import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * The wire format of protocol buffers, as far as an ONNX file needs it: walking fields without loading what is skipped
 * (a model's weights are most of the file and only onnxruntime needs them), and writing length-delimited fields back.
 */
export interface Field {
  readonly number: number;
  readonly wire: number;
  /** The value of a varint; 0 for other wires. */
  readonly value: number;
  /** Where the field starts with its tag, where its payload starts, and where both end. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

export interface Bytes {
  readonly length: number;
  byte(position: number): number;
  read(start: number, end: number): Uint8Array;
}

const windowBytes = 64 * 1024;

/** A file read through a small window, so that a model of gigabytes is walked without being held. */
export class FileBytes implements Bytes, Disposable {
  readonly length: number;
  readonly #fd: number;
  readonly #window = new Uint8Array(windowBytes);
  #from = 0;
  #to = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.length = fstatSync(this.#fd).size;
  }

  byte(position: number): number {
    if (position < this.#from || position >= this.#to) {
      this.#from = position;
      this.#to = position + readSync(this.#fd, this.#window, 0, windowBytes, position);
    }
    return this.#window[position - this.#from] ?? 0;
  }

  read(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(this.#fd, bytes, read, bytes.length - read, start + read);
      if (count === 0) throw new Error('the file ends early');
      read += count;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

export function* fields(bytes: Bytes, from: number, to: number): Generator<Field> {
  let position = from;
  while (position < to) {
    const at = position;
    const [tag, afterTag] = varint(bytes, position, to);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    let start = afterTag;
    let end: number;
    let value = 0;
    if (wire === 0) [value, end] = varint(bytes, start, to);
    else if (wire === 1) end = start + 8;
    else if (wire === 5) end = start + 4;
    else if (wire === 2) {
      const [length, payload] = varint(bytes, start, to);
      start = payload;
      end = payload + length;
    } else throw new Error(`byte ${at} starts no field that protocol buffers know`);
    if (number === 0 || end > to) throw new Error(`the field at byte ${at} runs past its message`);
    yield { number, wire, value, at, start, end };
    position = end;
  }
}

/** Values beyond 2^53 lose their last digits: no field read here is that large (negative int64 reads as such too). */
function varint(bytes: Bytes, from: number, to: number): [number, number] {
  let value = 0;
  let scale = 1;
  for (let position = from; position < to && position < from + 10; position++) {
    const byte = bytes.byte(position);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, position + 1];
    scale *= 128;
  }
  throw new Error(`the number at byte ${from} does not end`);
}

const utf8 = new TextDecoder();

export function textOf(bytes: Bytes, field: Field): string {
  return utf8.decode(bytes.read(field.start, field.end));
}

/** The numbers of a repeated varint field, which writers may pack into one field or leave one by one. */
export function* varintsOf(bytes: Bytes, field: Field): Generator<bigint> {
  if (field.wire === 0) {
    yield wide(bytes, field.start, field.end)[0];
    return;
  }
  for (let position = field.start; position < field.end; ) {
    const [value, next] = wide(bytes, position, field.end);
    yield value;
    position = next;
  }
}

function wide(bytes: Bytes, from: number, to: number): [bigint, number] {
  let value = 0n;
  let position = from;
  for (let shift = 0n; position < to; shift += 7n) {
    const byte = bytes.byte(position++);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return [BigInt.asIntN(64, value), position];
}

export function writeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** One length-delimited field. */
export function writeField(number: number, ...payload: readonly Uint8Array[]): Uint8Array {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([writeVarint(number * 8 + 2), writeVarint(length), ...payload]);
}

export function writeText(number: number, text: string): Uint8Array {
  return writeField(number, new TextEncoder().encode(text));
}

export function writeNumber(number: number, value: number): Uint8Array {
  return Buffer.concat([writeVarint(number * 8), writeVarint(value)]);
}
