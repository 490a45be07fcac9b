import { CallError } from './call-error.ts';
import type { ElementType, Numbers, Values } from './elements.ts';
import { sizeOf, type TensorSpec } from './tensors.ts';

/**
 * The binary tensor data extension of the Open Inference Protocol: the body is the JSON, as many bytes as the header
 * Inference-Header-Content-Length says, and after it the tensors' bytes in the order of their inputs. Numbers are
 * little-endian and row-major, BOOL is a byte of 0 or 1, each element of BYTES has its length before it, in four bytes.
 */
export const headerLengthName = 'inference-header-content-length';

export interface BinaryBody {
  readonly json: Uint8Array;
  readonly tensors: TensorBytes;
}

export function splitBody(body: Uint8Array, headerLength: string): BinaryBody {
  const length = /^\d{1,15}$/.test(headerLength) ? Number(headerLength) : Number.NaN;
  if (!(length > 0 && length <= body.length))
    throw new CallError(
      400,
      `Inference-Header-Content-Length is "${headerLength}"; the body has ${body.length} bytes, of which the JSON is the first`,
    );
  return { json: body.subarray(0, length), tensors: new TensorBytes(body.subarray(length)) };
}

/** What follows the JSON, taken input by input. */
export class TensorBytes {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(spec: TensorSpec, shape: readonly number[], size: unknown): Values {
    if (!Number.isSafeInteger(size) || (size as number) < 0)
      throw new CallError(
        400,
        `input "${spec.name}": "binary_data_size" must be the number of the tensor's bytes`,
      );
    const end = this.#at + (size as number);
    if (end > this.#bytes.length)
      throw new CallError(
        400,
        `input "${spec.name}": binary_data_size is ${size}, but only ${this.#bytes.length - this.#at} bytes are left of the body`,
      );
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return spec.type.kind === 'string' ? readTexts(spec, shape, bytes) : readNumbers(spec, shape, bytes);
  }

  /** Bytes that belong to nobody mean that a size is wrong: better said than a tensor that is shifted. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0)
      throw new CallError(400, `${left} bytes of the body belong to no input: see "binary_data_size"`);
  }
}

function readNumbers(spec: TensorSpec, shape: readonly number[], bytes: Uint8Array): Values {
  const count = sizeOf(shape);
  const values = spec.type.make(count) as Numbers;
  const target = bytesOf(values);
  if (bytes.length !== target.length)
    throw new CallError(
      400,
      `input "${spec.name}": shape [${shape.join(',')}] of ${spec.type.datatype} needs ${target.length} bytes, ` +
        `binary_data_size is ${bytes.length}`,
    );
  target.set(bytes);
  if (spec.type.kind === 'bool') {
    const wrong = target.findIndex((value) => value > 1);
    if (wrong >= 0)
      throw new CallError(
        400,
        `input "${spec.name}": byte ${target[wrong]} at position ${wrong} is not BOOL: expected 0 or 1`,
      );
  }
  return values;
}

const lengthBytes = 4;

function readTexts(spec: TensorSpec, shape: readonly number[], bytes: Uint8Array): string[] {
  const count = sizeOf(shape);
  // Each element has at least its length: a shape alone must not make an array of a billion.
  if (count * lengthBytes > bytes.length)
    throw new CallError(
      400,
      `input "${spec.name}": shape [${shape.join(',')}] needs ${count} elements, the bytes end before`,
    );
  const values = spec.type.make(count) as string[];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + lengthBytes > bytes.length) throw endsBefore(spec, i);
    const length = view.getUint32(at, true);
    at += lengthBytes;
    if (at + length > bytes.length) throw endsBefore(spec, i);
    values[i] = decoded(text, bytes.subarray(at, at + length), spec, i);
    at += length;
  }
  if (at < bytes.length)
    throw new CallError(
      400,
      `input "${spec.name}": ${bytes.length - at} bytes are left after ${count} elements`,
    );
  return values;
}

const endsBefore = (spec: TensorSpec, element: number) =>
  new CallError(400, `input "${spec.name}": the bytes end inside element ${element}`);

function decoded(
  text: { decode(bytes: Uint8Array): string },
  bytes: Uint8Array,
  spec: TensorSpec,
  at: number,
): string {
  let value: string;
  try {
    value = text.decode(bytes);
  } catch {
    throw new CallError(400, `input "${spec.name}": element ${at} is not valid UTF-8`);
  }
  // onnxruntime-node hands strings over as C strings: what follows a NUL would be lost without a word.
  if (value.includes('\0'))
    throw new CallError(400, `input "${spec.name}": element ${at} has a NUL, which this server cannot carry`);
  return value;
}

/** A tensor's bytes as the extension writes them. */
export function tensorBytes(type: ElementType, values: Values): Uint8Array {
  if (type.kind !== 'string') return bytesOf(values as Numbers);
  const parts: Uint8Array[] = [];
  for (const value of values as string[]) {
    const text = Buffer.from(value);
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32LE(text.length);
    parts.push(length, text);
  }
  return Buffer.concat(parts);
}

function bytesOf(values: Numbers): Uint8Array {
  const array = values as unknown as ArrayBufferView;
  return new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
}
