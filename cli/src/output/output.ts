import type { Finding } from '@souk/contract';
import stringWidth from 'string-width';
import { Failure } from '../failure.ts';
import type { Host } from '../host.ts';
import { findingLines } from './findings.ts';
import { type Style, styleFor } from './style.ts';
import { type Column, oneLine, printable, table } from './table.ts';

/** Results go to stdout, one JSON line per item or a table for people; everything else goes to stderr. */
export class Output {
  readonly json: boolean;
  /** For stdout. */
  readonly style: Style;
  /** For stderr. */
  readonly noteStyle: Style;
  readonly #host: Host;

  constructor(host: Host, json: boolean) {
    this.#host = host;
    this.json = json;
    this.style = styleFor(host.stdout, host.env);
    this.noteStyle = styleFor(host.stderr, host.env);
  }

  /** Someone watches: stderr is a terminal that can redraw. */
  get watched(): boolean {
    return this.#host.stderr.isTTY === true && this.#host.env.TERM !== 'dumb';
  }

  get width(): number | undefined {
    const { isTTY, columns } = this.#host.stdout;
    return isTTY ? (columns ?? 80) : undefined;
  }

  list<T>(items: readonly T[], columns: readonly Column<T>[], empty: string): void {
    if (this.json) for (const item of items) this.line(JSON.stringify(item));
    else if (items.length === 0) this.note(empty);
    else for (const line of table(items, columns, this.style, this.width)) this.line(line);
  }

  /** One item: its fields below each other for people. Absent values are left out. */
  item(value: unknown, rows: readonly (readonly [string, string | number | null | undefined])[]): void {
    if (this.json) {
      this.line(JSON.stringify(value));
      return;
    }
    const given = rows.filter(([, v]) => v !== undefined && v !== null && v !== '');
    const width = Math.max(0, ...given.map(([title]) => stringWidth(title)));
    for (const [title, v] of given) {
      const [first = '', ...rest] = printableKeepingStyle(String(v)).split('\n');
      this.line(`${this.style('dim', title.padEnd(width))}  ${first}`);
      for (const line of rest) this.line(`${' '.repeat(width)}  ${line}`);
    }
  }

  /** A heading between two parts of a human answer. */
  heading(text: string): void {
    if (!this.json) this.line(`\n${this.style('bold', text)}`);
  }

  /** A part of a human answer that JSON carries inside its item. */
  part<T>(title: string, items: readonly T[], columns: readonly Column<T>[]): void {
    if (this.json || items.length === 0) return;
    this.heading(title);
    for (const line of table(items, columns, this.style, this.width)) this.line(line);
  }

  text(text: string): void {
    this.line(printable(text));
  }

  line(text: string): void {
    this.#host.stdout.write(`${text}\n`);
  }

  /** As it came, for bodies of calls and keys. */
  raw(data: string | Uint8Array): void {
    this.#host.stdout.write(data);
  }

  note(text: string): void {
    this.#host.stderr.write(`${text}\n`);
  }

  /** After a change: what was done, for people; scripts read the item. */
  done(text: string): void {
    this.note(`${this.noteStyle('green', '✓')} ${oneLine(text)}`);
  }

  next(...commands: readonly string[]): void {
    if (this.json) return;
    for (const command of commands) this.note(this.noteStyle('dim', `  next: ${command}`));
  }

  findings(findings: readonly Finding[]): void {
    for (const line of findingLines(findings, this.noteStyle)) this.note(line);
  }

  /** The end that nobody hoped for. */
  failure(error: unknown): void {
    if (!(error instanceof Failure)) {
      const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.note(`${this.noteStyle('red', 'error')} cli.internal: Something broke in souk itself.\n${shown}`);
      return;
    }
    if (error.kind === 'interrupted') return;
    if (this.json) {
      const { code, kind, message, remedy, findings, requestId } = error;
      this.note(JSON.stringify({ error: { code, kind, message, remedy, findings, requestId } }));
      return;
    }
    this.note(
      `${this.noteStyle('red', 'error')} ${oneLine(error.message)} ${this.noteStyle('dim', error.code)}`,
    );
    if (error.remedy) this.note(`  → ${oneLine(error.remedy)}`);
    this.findings(error.findings);
    if (error.requestId) this.note(this.noteStyle('dim', `  request ${error.requestId}`));
  }
}

/** Our own colours pass; every other control character does not. */
function printableKeepingStyle(text: string): string {
  return text
    .split(sgr)
    .map((piece, i) => (i % 2 === 1 ? piece : printable(piece)))
    .join('');
}
const sgr = new RegExp(`(${String.fromCharCode(27)}\\[[0-9]{1,2}m)`);
