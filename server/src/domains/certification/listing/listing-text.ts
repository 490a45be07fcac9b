import type { Finding } from '@souk/contract/findings';
import { type FindingCode, found } from '../rules.ts';

export type ListingText = {
  readonly text: string;
  /** JSON Pointer of the field. */
  readonly pointer: string;
  /** `plain` is shown as it is; `markdown` may use the safe subset; `document` is a long plain text such as an EULA. */
  readonly form: 'plain' | 'markdown' | 'document';
};

/** Invisible characters, except line breaks, tabs and the joiners that emoji and some scripts need. */
const control = /(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}]/u;
const lineBreak = /[\t\n\r\u2028\u2029]/;
const trademark = /[ \u00a0](?:[™®℠]|\((?:tm|r|sm)\))/i;
/** Tags and comments, but neither `a < b` nor `<https://...>`, which Markdown turns into a link. */
const html = /<(?:!--|!doctype|\?|\/?[a-z][a-z0-9-]*(?=[\s/>])[^>]*>?)/i;
/** No bracket inside, so that a text full of openings is read once. */
const remoteImage = /!\[[^\][]{0,999}\](?=[([])/g;
const linkTarget =
  /\]\(\s{0,20}<?([^)\s>]{0,2048})|^ {0,3}\[[^[\]]{1,999}\]:[ \t]*<?([^\s>]{1,2048})|<([a-z][a-z0-9+.-]{0,30}:[^<>\s]{0,2048})>/gim;
const placeholders: readonly RegExp[] = [
  /\blorem ipsum\b|\bdolor sit amet\b/i,
  /\b(?:TODO|TBD|FIXME|XXX)\b(?=[:.\s]|$)/,
  /\[(?:insert|your|add|describe)\b[^[\]]{0,80}\](?!\()|<(?:insert|your)\b[^<>]{0,80}>|\{\{[^{}]{0,80}\}\}/i,
];

/** What is wrong with the texts of a listing; each rule speaks once for a field, about the first place. */
export function textFindings(texts: readonly ListingText[]): Finding[] {
  return texts.flatMap((one) => findingsOf(one));
}

function findingsOf({ text, pointer, form }: ListingText): Finding[] {
  const findings: Finding[] = [];
  const say = (code: FindingCode, index: number, message: string) => {
    const line = form === 'plain' ? null : text.slice(0, index).split('\n').length;
    findings.push(found(code, { pointer, line, message }));
  };
  const odd = control.exec(text) ?? (form === 'plain' ? lineBreak.exec(text) : null);
  if (odd !== null) {
    const code = odd[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    const what = lineBreak.test(odd[0]) ? 'a line break or tab' : 'an invisible character';
    say(
      'text.control_character',
      odd.index,
      `The text holds ${what} (U+${code}) at position ${odd.index + 1}.`,
    );
  }
  if (form !== 'document' && /^\s/.test(text)) say('text.leading_blank', 0, 'The text starts with a blank.');
  const mark = trademark.exec(text);
  if (mark !== null) {
    const near = text.slice(Math.max(0, mark.index - 15), mark.index + 3).trim();
    say('text.trademark_space', mark.index, `There is a space before the trademark sign in “${near}”.`);
  }
  const prose = form === 'markdown' ? withoutCode(text) : text;
  const unfinished = placeholders.map((one) => one.exec(prose)).find((match) => match !== null);
  if (unfinished !== undefined && form !== 'document')
    say('text.placeholder', unfinished.index, `The text still holds “${unfinished[0].slice(0, 60)}”.`);
  if (form === 'markdown') markup(text, say);
  return findings;
}

function markup(text: string, say: (code: FindingCode, index: number, message: string) => void): void {
  const prose = withoutCode(text);
  const tag = html.exec(prose);
  if (tag !== null)
    say('text.markup_unsafe', tag.index, `The text holds raw HTML: “${tag[0].slice(0, 40)}”.`);
  const images = [...prose.matchAll(remoteImage)];
  const [image] = images;
  if (image !== undefined)
    say(
      'text.remote_image',
      image.index,
      `The text embeds a picture: “${prose.slice(image.index, image.index + 60)}”.`,
    );
  // Their addresses were spoken of, with the closer remedy.
  const spokenOf = new Set(images.map((one) => one.index + one[0].length - 1));
  for (const match of prose.matchAll(linkTarget)) {
    if (spokenOf.has(match.index)) continue;
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    // Browsers ignore blanks, control characters and entities in front of and inside `javascript:`.
    if (/^(?:https:\/\/|mailto:|#)/i.test(target) && !/[&\\]#?x?[0-9a-z]+;/i.test(target.slice(0, 20)))
      continue;
    say(
      'text.markup_unsafe',
      match.index,
      `The link to “${target.slice(0, 60)}” is neither https nor mailto.`,
    );
    break;
  }
}

/** Code is shown as it is written, so nothing in it acts. Its length is kept, so that places stay right. */
function withoutCode(text: string): string {
  const blank = (code: string) => code.replace(/[^\n]/g, ' ');
  return withoutCodeSpans(text.replace(/^(```|~~~)[\s\S]*?^\1/gm, blank), blank);
}

/** A code span ends at the next run of as many backticks as it started with. In one pass: the text is a stranger's. */
function withoutCodeSpans(text: string, blank: (code: string) => string): string {
  const runs = [...text.matchAll(/`+/g)].map((match) => ({ at: match.index, length: match[0].length }));
  const nextOfLength = new Map<number, number>();
  const closing = runs.map(() => -1);
  for (let i = runs.length - 1; i >= 0; i--) {
    const length = runs[i]?.length ?? 0;
    closing[i] = nextOfLength.get(length) ?? -1;
    nextOfLength.set(length, i);
  }
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < runs.length; i++) {
    const [open, close] = [runs[i], runs[closing[i] ?? -1]];
    if (open === undefined || close === undefined) continue;
    const end = close.at + close.length;
    parts.push(text.slice(from, open.at), blank(text.slice(open.at, end)));
    from = end;
    i = closing[i] ?? i;
  }
  return parts.join('') + text.slice(from);
}

/** Links of a listing: https only, no credentials, of a sane length. */
export function linkFindings(
  links: readonly { readonly url: string; readonly pointer: string }[],
  lengthMax = 2048,
): Finding[] {
  return links.flatMap(({ url, pointer }) => {
    const shown = url.slice(0, 100);
    if (!URL.canParse(url) || url.length > lengthMax || /\s/.test(url))
      return [
        found('link.malformed', {
          pointer,
          message: `“${shown}” is not an address of at most ${lengthMax} characters.`,
        }),
      ];
    const parsed = new URL(url);
    if (parsed.protocol !== 'https:')
      return [
        found('link.not_https', {
          pointer,
          message: `“${shown}” starts with ${parsed.protocol}//, not https://.`,
        }),
      ];
    if (parsed.username !== '' || parsed.password !== '')
      return [found('link.malformed', { pointer, message: `“${shown}” holds a user name or password.` })];
    return [];
  });
}
