import { Nonsense, tokenBytesMax } from './json-rewriter.ts';

/** Turns addresses under a service's own root into addresses under the root that buyers know. */
export interface Roots {
  /** The service's root, without a slash at its end and without query. */
  readonly service: URL;
  /** What buyers call, without a slash at its end. */
  readonly public: string;
  /** A parameter that carries the publisher's credential: never told to anybody. */
  readonly secretParameter: string | undefined;
}

const absolute = /^https?:\/\/([^/?#]*)([^?#]*)(.*)$/is;

/** The address for buyers; the text itself where it is none of the service's. */
export function publicUrl(text: string, roots: Roots): string {
  const root = trimmed(roots.service.pathname);
  const [, host, path, rest] = absolute.exec(text) ?? (text.startsWith('/') ? fromHere(text, roots) : []);
  if (host === undefined || path === undefined || rest === undefined) return withoutSecret(text, roots);
  // The scheme is not looked at: behind a proxy that speaks TLS for it, a service writes http.
  if (bare(host) !== bare(roots.service.host)) return withoutSecret(text, roots);
  if (!path.startsWith(root) || !['', '/'].includes(path.charAt(root.length)))
    return withoutSecret(text, roots);
  return roots.public + path.slice(root.length) + withoutSecret(rest, roots);
}

/** `/root/Products`: a path on the service's host. */
function fromHere(text: string, { service }: Roots): string[] {
  if (text.startsWith('//')) return [];
  const end = text.search(/[?#]/);
  return end < 0 ? ['', service.host, text, ''] : ['', service.host, text.slice(0, end), text.slice(end)];
}

const bare = (host: string) => host.toLowerCase().replace(/:(80|443)$/, '');
const trimmed = (path: string) => path.replace(/\/+$/, '');

/** Without the credential; everything else stays as it is written. */
function withoutSecret(text: string, { secretParameter }: Roots): string {
  const at = text.indexOf('?');
  if (!secretParameter || at < 0) return text;
  const [query = '', ...fragment] = text.slice(at + 1).split('#');
  const kept = withoutParameters(query, (name) => name === secretParameter);
  return text.slice(0, at) + (kept ? `?${kept}` : '') + (fragment.length > 0 ? `#${fragment.join('#')}` : '');
}

/** A query as it was sent, without some of its parameters: names are compared decoded, nothing else is touched. */
export function withoutParameters(query: string, without: (name: string, value: string) => boolean): string {
  if (query === '') return query;
  return query
    .split('&')
    .filter((part) => {
      const at = part.indexOf('=');
      return !without(decoded(at < 0 ? part : part.slice(0, at)), at < 0 ? '' : decoded(part.slice(at + 1)));
    })
    .join('&');
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Bytes of an XML document as they come, with the service's root replaced wherever it stands. */
export function newXmlRewriter(roots: Roots) {
  const host = escaped(bare(roots.service.host));
  const path = escaped(trimmed(roots.service.pathname));
  const root = new RegExp(`https?://${host}(?::(?:80|443))?${path}(?=[/?#"'<>&\\s)]|$)`, 'gi');
  const secret =
    roots.secretParameter && new RegExp(`([?&;])${escaped(roots.secretParameter)}=[^&"'<>\\s]*`, 'g');
  const entry = /<(?:[\w-]+:)?entry[\s>]/g;
  let held = '';
  let records = 0;

  function rewritten(text: string): string {
    records += text.match(entry)?.length ?? 0;
    const plain = text.replace(root, roots.public);
    return secret ? plain.replace(secret, '$1') : plain;
  }

  return {
    get records() {
      return records;
    },
    push(bytes: Uint8Array): Uint8Array {
      const text = held + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
      // Nothing that is replaced goes on beyond one of these, so what stands before the last of them is whole.
      const end = Math.max(text.lastIndexOf('>'), text.lastIndexOf(' '), text.lastIndexOf('"')) + 1;
      if (end === 0 && text.length > tokenBytesMax) throw new Nonsense('a word has no end');
      held = text.slice(end);
      return Buffer.from(rewritten(text.slice(0, end)), 'latin1');
    },
    end(): Uint8Array {
      const rest = rewritten(held);
      held = '';
      return Buffer.from(rest, 'latin1');
    },
  };
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
