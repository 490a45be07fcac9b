import { type Finding, finding } from './findings.ts';

/** Collects what the rules of the document say, each at its place. */
export class Findings {
  readonly list: Finding[] = [];

  add(
    pointer: string,
    code: string,
    message: string,
    remedy: string,
    severity: Finding['severity'] = 'error',
  ) {
    this.list.push(finding({ rule: 'document', code, severity, pointer, message, remedy }));
  }

  required(value: string | undefined | null, pointer: string, what: string): value is string {
    if (value?.trim()) return true;
    this.add(pointer, 'document.missing', `${what} is missing.`, `Write ${lowerFirst(what)}.`);
    return false;
  }

  text(value: string | undefined | null, pointer: string, what: string, charsMax: number, charsMin = 0) {
    if (value === undefined || value === null) return;
    const chars = [...value].length;
    if (chars > charsMax)
      this.add(
        pointer,
        'document.too_long',
        `${what} has ${chars} characters; ${charsMax} are allowed.`,
        `Shorten it by ${chars - charsMax}.`,
      );
    if (chars < charsMin)
      this.add(
        pointer,
        'document.too_short',
        `${what} has ${chars} characters; at least ${charsMin} are needed.`,
        'Write more.',
      );
    // Control characters break tables, mails and terminals; tab and line breaks are text.
    if (hasControlCharacter(value))
      this.add(
        pointer,
        'document.control_character',
        `${what} has a control character.`,
        'Remove it; it often comes with text pasted from a PDF.',
      );
  }

  count(n: number, pointer: string, what: string, bounds: { min?: number; max: number }) {
    if (n > bounds.max)
      this.add(
        pointer,
        'document.too_many',
        `${n} ${what} are given; ${bounds.max} are allowed.`,
        `Remove ${n - bounds.max}.`,
      );
    if (n < (bounds.min ?? 0))
      this.add(
        pointer,
        'document.too_few',
        `${n === 0 ? 'No' : n} ${what} are given; at least ${bounds.min} is needed.`,
        `Add one.`,
      );
  }

  url(value: string | undefined | null, pointer: string, what: string, charsMax: number, https = true) {
    if (!value) return;
    this.text(value, pointer, what, charsMax);
    if (!/^https?:\/\/[^\s/]+/.test(value) || (https && !value.startsWith('https://')))
      this.add(
        pointer,
        'document.url',
        `${what} is not ${https ? 'an https://' : 'a web'} address.`,
        `Begin it with https:// and a host.`,
      );
  }
}

const lowerFirst = (s: string) => s.charAt(0).toLowerCase() + s.slice(1);

function hasControlCharacter(value: string): boolean {
  for (const c of value) {
    const code = c.codePointAt(0) ?? 0;
    if ((code < 32 && code !== 9 && code !== 10 && code !== 13) || code === 127) return true;
  }
  return false;
}
