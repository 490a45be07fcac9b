import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import { type FileKind, isText, kindByContent, kindByName } from './file-kind.ts';
import { isObjectArray, isPickle } from './pickle.ts';
import { type Secret, secretsIn } from './secrets.ts';

const headBytes = 64 * 1024;
/** Text is searched in windows that overlap by the longest secret that could lie across a border. */
const overlapBytes = 4096;
const windowBytes = 256 * 1024;
const findingsMax = 20;

/** Looks at a file's content as it passes by, keeping no more than a window of it. */
export class FileInspector {
  readonly path: string;
  #head: Buffer = Buffer.alloc(0);
  #kind: FileKind | null = null;
  #window = '';
  #windowLine = 0;
  #keyMark = false;
  #tail: Buffer = Buffer.alloc(0);
  readonly #secrets = new Map<string, Secret>();

  constructor(path: string) {
    this.path = path;
  }

  /** Known after the first kilobytes, and at the latest at the end. */
  get kind(): FileKind | null {
    return this.#kind;
  }

  feed(chunk: Buffer): void {
    if (this.#kind === null) {
      this.#head = this.#head.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#head, chunk]);
      if (this.#head.length < headBytes) return;
      this.#decide();
      return;
    }
    this.#search(chunk);
  }

  end(): Finding[] {
    if (this.#kind === null) this.#decide();
    this.#searchWindow();
    return [...this.#unsafe(), ...this.#secretFindings()];
  }

  #decide(): void {
    const head = this.#head.subarray(0, headBytes);
    this.#kind = decideKind(this.path, head);
    const all = this.#head;
    this.#head = Buffer.alloc(0);
    this.#search(all);
  }

  #search(chunk: Buffer): void {
    if (this.#kind?.kind === 'binary') {
      // Weights are not searched for every pattern, only for the one mark that cannot be there by chance.
      const seam = Buffer.concat([this.#tail, chunk.subarray(0, 64)]);
      this.#keyMark ||= seam.includes(privateKeyMark) || chunk.includes(privateKeyMark);
      this.#tail = Buffer.from(chunk.subarray(Math.max(0, chunk.length - 64)));
      return;
    }
    if (this.#kind?.kind !== 'text' && this.#kind?.kind !== 'script') return;
    // latin1 keeps one character a byte, so nothing breaks in the middle; all patterns are ASCII.
    this.#window += chunk.toString('latin1');
    if (this.#window.length >= windowBytes) this.#searchWindow();
  }

  #searchWindow(): void {
    for (const secret of secretsIn(this.#window, this.#windowLine))
      this.#secrets.set(`${secret.code}\n${secret.what}\n${secret.line}`, secret);
    const keep = Math.max(0, this.#window.length - overlapBytes);
    for (let at = this.#window.indexOf('\n'); at >= 0 && at < keep; at = this.#window.indexOf('\n', at + 1))
      this.#windowLine++;
    this.#window = this.#window.slice(keep);
  }

  #unsafe(): Finding[] {
    const kind = this.#kind;
    const file = this.path;
    if (kind?.kind === 'pickle')
      return [found('unsafe.pickle', { file, message: `“${file}” is ${kind.what}.` })];
    if (kind?.kind === 'executable')
      return [found('unsafe.executable', { file, message: `“${file}” is ${kind.what}.` })];
    if (kind?.kind === 'script')
      return [found('unsafe.script', { file, message: `“${file}” is ${kind.what}.` })];
    if (kind?.kind === 'macro')
      return [found('unsafe.macro', { file, message: `“${file}” is ${kind.what}.` })];
    return [];
  }

  #secretFindings(): Finding[] {
    const file = this.path;
    const findings = [...this.#secrets.values()]
      .slice(0, findingsMax)
      .map(({ code, what, line }) =>
        found(code, { file, line, message: `“${file}” holds ${what} in line ${line}.` }),
      );
    if (this.#keyMark)
      findings.push(found('secret.private_key', { file, message: `“${file}” holds a private key.` }));
    return findings;
  }
}

const privateKeyMark = Buffer.from(['PRIVATE', 'KEY-----\n'].join(' '), 'latin1');

function decideKind(path: string, head: Buffer): FileKind {
  if (isPickle(head)) return { kind: 'pickle', what: 'a Python pickle' };
  if (isObjectArray(head)) return { kind: 'pickle', what: 'a NumPy array of pickled objects' };
  const known = kindByContent(head);
  const named = kindByName(path);
  // A name may only make a verdict worse: `model.onnx` with a program inside is a program.
  if (known !== null && known.kind !== 'archive' && known.kind !== 'packed') return known;
  if (named !== null) return named;
  return known ?? { kind: isText(head) ? 'text' : 'binary', what: '' };
}
