import { createRequire } from 'node:module';
import { DOMParser, type Document, type Node, onWarningStopParsing } from '@xmldom/xmldom';
import type { AnswerReader } from './services.answer.ts';

type Found = Node[] | string | number | boolean | null;
// The types of this package would bring those of browsers into every file of the server.
const { useNamespaces } = createRequire(import.meta.url)('xpath') as {
  useNamespaces(prefixes: Record<string, string>): (path: string, at: Node) => Found;
};

const textCharsMax = 8_000_000;
const depthMax = 200;

/**
 * An XML document that nobody can blow up: none with a document type (entities, external files), none that is nested without end.
 * Throws a sentence where it is not one.
 */
export function parseXml(text: string): Document {
  if (text.length > textCharsMax) throw new Error(`it has more than ${textCharsMax} characters`);
  if (/<!(DOCTYPE|ENTITY)/i.test(text))
    throw new Error('it has a document type (<!DOCTYPE), which is not read');
  let depth = 0;
  for (const [tag] of text.matchAll(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^!?][^>]*>/g)) {
    if (tag.startsWith('<!') || tag.endsWith('/>')) continue;
    depth += tag.startsWith('</') ? -1 : 1;
    if (depth > depthMax) throw new Error(`it is nested more than ${depthMax} deep`);
  }
  return new DOMParser({ onError: onWarningStopParsing }).parseFromString(
    text.replace(/^\uFEFF/, '').trimStart(),
    'text/xml',
  );
}

/** An answer in XML. Paths are XPath 1.0; a column without one is the element or attribute of its name. */
export function xmlReader(
  text: string,
  namespaces: readonly { readonly prefix: string; readonly uri: string }[] = [],
): AnswerReader {
  const document = parseXml(text);
  const evaluated = useNamespaces(Object.fromEntries(namespaces.map((n) => [n.prefix, n.uri])));
  // A path from the root says the same in every row, and walking the document once for each would take forever.
  const fromRoot = new Map<string, Found>();
  const once = (path: string) => {
    if (!fromRoot.has(path)) fromRoot.set(path, evaluated(path, document));
    return fromRoot.get(path) ?? null;
  };
  return {
    rows(path) {
      if (path === undefined) return document.documentElement ? [document.documentElement] : [];
      const found = once(path.startsWith('/') ? path : `/${path}`.replace('/./', '/'));
      return Array.isArray(found) ? found : [];
    },
    value(row, path, names) {
      if (path !== undefined) return plain(path.startsWith('/') ? once(path) : evaluated(path, row as Node));
      for (const name of names) {
        const found = children(row as Node, name);
        if (found.length > 0) return found.length === 1 ? found[0] : found;
      }
      return undefined;
    },
    matches(path) {
      const found = once(path);
      return Array.isArray(found) ? found.length > 0 : Boolean(found);
    },
  };
}

/** Throws a sentence for a path that is none. */
export function checkXPath(path: string, namespaces: readonly { prefix: string; uri: string }[] = []): void {
  useNamespaces(Object.fromEntries(namespaces.map((n) => [n.prefix, n.uri])))(
    path,
    new DOMParser().parseFromString('<a/>', 'text/xml'),
  );
}

function plain(found: Found): unknown {
  if (!Array.isArray(found)) return found ?? undefined;
  const texts = found.map((node) => textOf(node));
  return texts.length === 0 ? undefined : texts.length === 1 ? texts[0] : texts;
}

const textOf = (node: Node): string => node.textContent ?? node.nodeValue ?? '';

function children(row: Node, name: string): string[] {
  const element = row as Node & { getAttribute?(name: string): string | null };
  const found: string[] = [];
  for (let child = row.firstChild; child; child = child.nextSibling)
    if (child.nodeType === 1 && (child as Node & { localName?: string }).localName === name)
      found.push(textOf(child));
  const attribute = found.length === 0 ? element.getAttribute?.(name) : undefined;
  return attribute ? [attribute] : found;
}
