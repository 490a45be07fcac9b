import { constants, inflateSync } from 'node:zlib';

/** How many bytes follow each opcode of Python's pickle format; negative: a length of that many bytes, then so much. */
const argumentBytes = new Map<number, number>(
  Object.entries({
    // no argument
    '(': 0,
    '.': 0,
    '0': 0,
    '1': 0,
    '2': 0,
    N: 0,
    R: 0,
    b: 0,
    a: 0,
    d: 0,
    l: 0,
    o: 0,
    s: 0,
    t: 0,
    u: 0,
    e: 0,
    '}': 0,
    ']': 0,
    ')': 0,
    Q: 0,
    '\x81': 0,
    '\x85': 0,
    '\x86': 0,
    '\x87': 0,
    '\x88': 0,
    '\x89': 0,
    '\x8f': 0,
    '\x90': 0,
    '\x91': 0,
    '\x92': 0,
    '\x93': 0,
    '\x94': 0,
    '\x97': 0,
    '\x98': 0,
    // fixed arguments
    K: 1,
    M: 2,
    J: 4,
    G: 8,
    h: 1,
    j: 4,
    q: 1,
    r: 4,
    '\x80': 1,
    '\x82': 1,
    '\x83': 2,
    '\x84': 4,
    '\x95': 8,
    // a length, then so many bytes
    T: -4,
    U: -1,
    X: -4,
    B: -4,
    C: -1,
    '\x8a': -1,
    '\x8b': -4,
    '\x8c': -1,
    '\x8d': -8,
    '\x8e': -8,
    '\x96': -8,
  }).map(([opcode, bytes]) => [opcode.charCodeAt(0), bytes]),
);
/** Opcodes followed by one or two lines of text. */
const lines = new Map<number, number>([...'FILSVgpP'].map((opcode) => [opcode.charCodeAt(0), 1]));
for (const opcode of 'ci') lines.set(opcode.charCodeAt(0), 2);

const stop = 0x2e;
/** Calls something, or makes an object. A call needs arguments, and those need a mark or an empty tuple. */
const calls = new Set([...'oiRb\x81\x92'].map((opcode) => opcode.charCodeAt(0)));
const groups = new Set([...'()'].map((opcode) => opcode.charCodeAt(0)));
/** What a pickle of protocol 0 or 1 that is worth anything starts with: a mark, a global, an empty container. */
const openings = new Set([...'(c)]}'].map((opcode) => opcode.charCodeAt(0)));

type Trace = {
  readonly opcodes: number;
  /** Objects are made, with arguments. */
  readonly calls: boolean;
  /** Containers are filled with more than one kind of thing, as data are. */
  readonly data: boolean;
  readonly end: 'stop' | 'cut' | 'invalid';
};

/** Follows the opcodes without doing what they say. */
function trace(head: Buffer): Trace {
  let at = 0;
  let opcodes = 0;
  let called = false;
  let grouped = false;
  const kinds = new Set<number>();
  const result = (end: Trace['end']): Trace => ({
    opcodes,
    calls: called && grouped,
    data: grouped && kinds.size >= 4,
    end,
  });
  while (at < head.length) {
    const opcode = head[at++] ?? 0;
    opcodes++;
    if (opcode === stop) return result('stop');
    kinds.add(opcode);
    called ||= calls.has(opcode);
    grouped ||= groups.has(opcode);
    const next = argumentEnd(head, opcode, at);
    if (next === 'invalid' || next === 'cut') return result(next);
    at = next;
  }
  return result('cut');
}

function argumentEnd(head: Buffer, opcode: number, at: number): number | 'cut' | 'invalid' {
  const lineCount = lines.get(opcode);
  if (lineCount !== undefined) {
    const quoted = opcode === 0x53 || opcode === 0x56;
    let end = at;
    for (let i = 0; i < lineCount; i++) {
      const newline = head.indexOf(0x0a, end);
      if (newline < 0) return 'cut';
      // Names and numbers are short and have no blanks; prose that starts with the same letter does.
      if (!quoted && (newline - end > 256 || head.subarray(end, newline).includes(0x20))) return 'invalid';
      end = newline + 1;
    }
    return end;
  }
  const bytes = argumentBytes.get(opcode);
  if (bytes === undefined) return 'invalid';
  if (bytes >= 0) return at + bytes;
  const width = -bytes;
  if (at + width > head.length) return 'cut';
  const length = width === 8 ? Number(head.readBigUInt64LE(at)) : head.readUIntLE(at, width);
  return at + width + length;
}

/** True when a file that starts like this is a pickle, of any protocol, also zlib-packed as joblib does. */
export function isPickle(head: Buffer): boolean {
  if (looksPickled(head)) return true;
  const unpacked = inflatedStart(head);
  return unpacked !== null && looksPickled(unpacked);
}

function looksPickled(head: Buffer): boolean {
  const first = head[0] ?? 0;
  const protocol = first === 0x80 ? (head[1] ?? 0) : 0;
  const { opcodes, calls: makesObjects, data, end } = trace(head);
  // Protocols 2 to 5 announce themselves. Two opcodes after that are enough: other formats do not get so far.
  if (protocol >= 2 && protocol <= 5) return end !== 'invalid' ? opcodes >= 2 : opcodes >= 8;
  // Protocols 0 and 1 are plain letters, and lists of words can read as opcodes for a while.
  if (!openings.has(first)) return false;
  if (end === 'stop') return opcodes >= 3 && makesObjects;
  return end === 'cut' && opcodes >= 24 && (makesObjects || (data && opcodes >= 200));
}

function inflatedStart(head: Buffer): Buffer | null {
  // A zlib stream: method 8, and the first two bytes are a multiple of 31.
  if (head.length < 16 || ((head[0] ?? 0) & 0x0f) !== 8 || head.readUInt16BE(0) % 31 !== 0) return null;
  try {
    return inflateSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * 1024 });
  } catch {
    return null;
  }
}

/** A NumPy array file whose elements are objects is a pickle with a header. */
export function isObjectArray(head: Buffer): boolean {
  if (head.toString('latin1', 0, 6) !== '\x93NUMPY') return false;
  const header = head.toString('latin1', 8, Math.min(head.length, 4096));
  return /'descr':\s*(?:'\|?O\d*'|\[[^\]]*'\|?O\d*')/.test(header);
}
