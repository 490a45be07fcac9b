import type { ByteSource } from '../onnx/byte-source.ts';

/** What a value on the stack is known to be; whatever is neither text, number, name nor made of those is null. */
export type Value = string | number | Named | Made | Value[] | Map<Value, Value> | null;
export class Named {
  readonly module: string;
  readonly name: string;
  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}
export class Made {
  readonly by: Value;
  readonly args: Value;
  readonly state = new Map<string, Value>();
  constructor(by: Value, args: Value) {
    this.by = by;
    this.args = args;
  }
}

export type PickleEnd = {
  /** Where the next byte is. */
  readonly at: number;
  readonly end: 'stop' | 'cut' | 'invalid' | 'unclear' | 'costly';
  readonly why: string;
  readonly opcodes: number;
};

const opcodesMax = 20_000_000;
const stackMax = 1_000_000;
const memoMax = 4_000_000;
const textBytesMax = 64 * 1024;
const nestingMax = 8;
const mark = Symbol('mark');
type Slot = Value | typeof mark;

class Stopped extends Error {
  readonly end: PickleEnd['end'];
  constructor(end: PickleEnd['end'], why: string) {
    super(why);
    this.end = end;
  }
}
const unclear = (why: string) => new Stopped('unclear', why);

/**
 * Follows one pickle as Python would, without doing anything that it says: only what is needed to know every name that it
 * looks up, however it was put together. `named` hears of each name at once, for what comes later may be broken on purpose.
 */
export function followPickle(
  source: ByteSource,
  from: number,
  named: (n: Named) => void,
  nesting = 0,
): PickleEnd {
  let at = from;
  let opcodes = 0;
  let stack: Slot[] = [];
  const memo = new Map<number, Value>();

  const take = (length: number): Buffer => {
    if (length < 0 || at + length > source.sizeBytes) throw new Stopped('cut', 'it ends early');
    const bytes = source.read(at, length);
    at += length;
    return bytes;
  };
  const skip = (length: number): null => {
    if (length < 0 || at + length > source.sizeBytes) throw new Stopped('cut', 'it ends early');
    at += length;
    return null;
  };
  const u = (width: 1 | 2 | 4) => take(width).readUIntLE(0, width);
  const u8 = () => {
    const length = Number(take(8).readBigUInt64LE(0));
    if (!Number.isSafeInteger(length)) throw new Stopped('invalid', 'a length is impossible');
    return length;
  };
  const line = (): string => {
    let text = '';
    for (;;) {
      const width = Math.min(256, source.sizeBytes - at);
      if (width <= 0) throw new Stopped('cut', 'it ends early');
      const window = source.read(at, width).toString('latin1');
      const end = window.indexOf('\n');
      text += end < 0 ? window : window.slice(0, end);
      at += end < 0 ? width : end + 1;
      if (end >= 0) return text;
      if (text.length > textBytesMax) throw unclear('a line has no end');
    }
  };
  const text = (length: number): Value => {
    if (length > textBytesMax) return skip(length);
    return take(length).toString('utf8');
  };
  const push = (value: Value) => {
    if (stack.length > stackMax) throw new Stopped('costly', 'it makes more values than are followed');
    stack.push(value);
  };
  const pop = (): Value => {
    const value = stack.pop();
    if (value === undefined) throw new Stopped('invalid', 'it takes what is not there');
    return value === mark ? null : value;
  };
  const top = (): Value => {
    const value = stack.at(-1);
    return value === undefined || value === mark ? null : value;
  };
  const toMark = (): Value[] => {
    const at = stack.lastIndexOf(mark);
    if (at < 0) throw new Stopped('invalid', 'it closes a group that was never opened');
    const taken = stack.splice(at).slice(1);
    return taken as Value[];
  };
  const look = (module: Value, name: Value): Named => {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw unclear('it looks up a name that it computes');
    const found = new Named(module, name);
    named(found);
    return found;
  };
  const call = (by: Value, args: Value) => {
    // Whatever can be called came from a name; a call of anything else is a call that nobody can follow.
    if (!(by instanceof Named)) throw unclear('it calls something that it has no name of');
    push(new Made(by, args));
  };
  const remember = (slot: number) => {
    if (memo.size > memoMax) throw new Stopped('costly', 'it remembers more values than are followed');
    memo.set(slot, top());
  };
  const recall = (slot: number) => {
    if (!memo.has(slot)) throw new Stopped('invalid', 'it recalls what it did not remember');
    push(memo.get(slot) ?? null);
  };
  const setItems = (target: Value, items: Value[]): Value => {
    if (target instanceof Map)
      for (let i = 0; i + 1 < items.length && target.size < 64; i += 2)
        target.set(items[i] ?? null, items[i + 1] ?? null);
    return target;
  };
  const build = () => {
    const state = pop();
    const made = top();
    const dict = Array.isArray(state) ? state.find((one) => one instanceof Map) : state;
    if (made instanceof Made && dict instanceof Map)
      for (const [key, value] of dict) if (typeof key === 'string') made.state.set(key, value);
    if (!(made instanceof Made) || !isArrayOfJoblib(made)) return;
    if (!holdsObjects(made)) {
      at = afterArray(made, source, at);
      return;
    }
    // An array of objects is a pickle of its own, in the middle of this one.
    const inner = nesting < nestingMax ? followPickle(source, at, named, nesting + 1) : null;
    if (inner?.end !== 'stop') throw unclear('a pickle inside it cannot be followed');
    at = inner.at;
  };
  const does: Readonly<Record<string, () => void>> = {
    '(': () => {
      if (stack.length > stackMax) throw new Stopped('costly', 'it opens more groups than are followed');
      stack.push(mark);
    },
    '0': () => void stack.pop(),
    '1': () => void toMark(),
    '2': () => push(top()),
    N: () => push(null),
    '\x88': () => push(1),
    '\x89': () => push(0),
    I: () => push(number(line())),
    L: () => push(number(line())),
    F: () => push(line() && null),
    K: () => push(u(1)),
    M: () => push(u(2)),
    J: () => push(take(4).readInt32LE(0)),
    G: () => push(skip(8)),
    '\x8a': () => push(long(take(u(1)))),
    '\x8b': () => push(skip(u(4))),
    S: () => push(unquoted(line())),
    V: () => push(unescaped(line())),
    U: () => push(text(u(1))),
    C: () => push(text(u(1))),
    '\x8c': () => push(text(u(1))),
    T: () => push(text(u(4))),
    X: () => push(text(u(4))),
    B: () => push(text(u(4))),
    '\x8d': () => push(text(u8())),
    '\x8e': () => push(text(u8())),
    '\x96': () => push(text(u8())),
    '\x97': () => push(null),
    '\x98': () => undefined,
    ')': () => push([]),
    ']': () => push(null),
    '}': () => push(new Map()),
    '\x8f': () => push(null),
    '\x90': () => void toMark(),
    e: () => void toMark(),
    '\x91': () => push(toMark() && null),
    a: () => void pop(),
    t: () => push(toMark()),
    l: () => push(toMark() && null),
    d: () => push(setItems(new Map(), toMark())),
    '\x85': () => push([pop()]),
    '\x86': () => push([pop(), pop()].reverse()),
    '\x87': () => push([pop(), pop(), pop()].reverse()),
    s: () => {
      const items = [pop(), pop()].reverse();
      setItems(top(), items);
    },
    u: () => {
      const items = toMark();
      setItems(top(), items);
    },
    p: () => remember(Number(line())),
    q: () => remember(u(1)),
    r: () => remember(u(4)),
    '\x94': () => remember(memo.size),
    g: () => recall(Number(line())),
    h: () => recall(u(1)),
    j: () => recall(u(4)),
    c: () => push(look(line(), line())),
    '\x93': () => {
      const name = pop();
      push(look(pop(), name));
    },
    i: () => call(look(line(), line()), toMark()),
    o: () => {
      const [by = null, ...args] = toMark();
      call(by, args);
    },
    R: () => {
      const args = pop();
      call(pop(), args);
    },
    '\x81': () => {
      const args = pop();
      call(pop(), args);
    },
    '\x92': () => {
      pop();
      const args = pop();
      call(pop(), args);
    },
    b: build,
    P: () => push(line() && null),
    Q: () => push(pop() && null),
    '\x80': () => {
      if (u(1) > 5) throw unclear('it is of a protocol that is not known');
    },
    '\x95': () => void u8(),
    '\x82': byNumber,
    '\x83': byNumber,
    '\x84': byNumber,
  };

  try {
    for (;;) {
      if (++opcodes > opcodesMax) throw new Stopped('costly', 'it has more steps than are followed');
      const opcode = take(1).toString('latin1');
      if (opcode === '.') break;
      const act = Object.hasOwn(does, opcode) ? does[opcode] : undefined;
      if (act === undefined) throw new Stopped('invalid', 'it is broken');
      act();
    }
    return { at, end: 'stop', why: '', opcodes };
  } catch (error) {
    if (error instanceof Stopped) return { at, end: error.end, why: error.message, opcodes };
    if (error instanceof RangeError) return { at, end: 'cut', why: 'it ends early', opcodes };
    throw error;
  } finally {
    stack = [];
    memo.clear();
  }
}

function byNumber(): never {
  throw unclear('it calls by a number that only the loading program knows');
}

const number = (digits: string): Value =>
  /^-?\d{1,15}L?$/.test(digits) ? Number.parseInt(digits, 10) : null;
const long = (bytes: Buffer): Value =>
  bytes.length === 0 ? 0 : bytes.length <= 6 ? bytes.readIntLE(0, bytes.length) : null;
const unquoted = (line: string): string => line.trim().replace(/^(['"])(.*)\1$/, '$2');
const unescaped = (line: string): string =>
  line.replace(/\\u([0-9a-fA-F]{4})|\\U000([0-9a-fA-F]{5})/g, (_, short?: string, wide?: string) =>
    String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(short ?? wide ?? '0', 16))),
  );

const isArrayOfJoblib = ({ by }: Made): boolean =>
  by instanceof Named && by.module === 'joblib.numpy_pickle' && by.name === 'NumpyArrayWrapper';

function typeOf({ state }: Made): string {
  const dtype = state.get('dtype');
  const kind = dtype instanceof Made && Array.isArray(dtype.args) ? dtype.args[0] : null;
  return typeof kind === 'string' ? kind : '';
}
const holdsObjects = (made: Made): boolean => /^[<>|=]?O/.test(typeOf(made));

/** joblib writes an array’s bytes into the middle of the pickle, right behind the object that describes it. */
function afterArray(made: Made, source: ByteSource, at: number): number {
  const shape = made.state.get('shape');
  const width = /^[<>|=]?[biufcSVmM](\d{1,6})$/.exec(typeOf(made))?.[1];
  if (!Array.isArray(shape) || shape.some((n) => typeof n !== 'number') || width === undefined)
    throw unclear('it holds an array whose size cannot be told');
  const bytes = (shape as number[]).reduce((product, n) => product * n, Number(width));
  let start = at;
  if (typeof made.state.get('numpy_array_alignment_bytes') === 'number')
    start += 1 + (source.read(at, 1)[0] ?? 0);
  if (!Number.isSafeInteger(bytes) || bytes < 0 || start + bytes > source.sizeBytes)
    throw new Stopped('cut', 'it ends in the middle of an array');
  return start + bytes;
}
