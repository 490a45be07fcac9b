import type { Hop } from './outbound-connection.ts';
import { OutboundError } from './outbound-errors.ts';

export function checkedUrl(text: string): URL {
  const shown = shownUrl(text);
  if (!URL.canParse(text)) throw new OutboundError('url_invalid', { url: shown, problem: 'it is not a URL' });
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new OutboundError('url_invalid', { url: shown, problem: 'it is neither http nor https' });
  if (url.username || url.password)
    throw new OutboundError('url_invalid', { url: shown, problem: 'it carries a password' });
  url.hash = '';
  return url;
}

/** Without what may be secret: keys stand in queries, and passwords before the host. */
function shownUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const shown = url
    ? `${url.protocol}//${url.host}${url.pathname}`
    : text.replace(/[?#].*$/s, '').replace(/^.*@/s, '');
  return shown.slice(0, 200);
}

// They frame the message; a second opinion on them is how requests are smuggled.
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function checkedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const header = name.toLowerCase();
    const shown = name.replace(/[^\x21-\x7e]/g, '?').slice(0, 60);
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/.test(header))
      throw new OutboundError('header_invalid', { header: shown, problem: 'its name has other characters' });
    if (ownHeaders.has(header))
      throw new OutboundError('header_invalid', { header: shown, problem: 'Souk sets it itself' });
    // Tab and printable characters only, so that no value can begin a line of its own.
    if (value.length > 8192 || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new OutboundError('header_invalid', {
        header: shown,
        problem: 'its value is not one line of text',
      });
    checked[header] = value;
  }
  return checked;
}

/** The request that a redirect asks for; undefined when the answer is no redirect. */
export function nextHop(hop: Hop, status: number, location: string | string[] | undefined): Hop | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, hop.url.href)) return undefined;
  const url = checkedUrl(new URL(location, hop.url).href);
  if (hop.url.protocol === 'https:' && url.protocol === 'http:')
    throw new OutboundError('downgrade', { url: url.origin });
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST';
  const sameOrigin = url.origin === hop.url.origin;
  const headers = Object.fromEntries(
    Object.entries(hop.headers).filter(
      ([name]) => (sameOrigin || !isSecret(name)) && !(becomesGet && name.startsWith('content-')),
    ),
  );
  return { ...hop, url, headers, ...(becomesGet ? { method: 'GET', body: undefined } : {}) };
}

/** Credentials stay with the origin that they were meant for, whatever their header is called. */
const isSecret = (name: string) => /cookie|token|secret|key|auth|signature/.test(name);
