import type { Finding } from '@souk/contract';
import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type ParsedNode } from 'yaml';

/** Keys that stand in souk.yaml for another of the document's. */
const standIns: Readonly<Record<string, string>> = { modelPackageArn: 'model' };

/** Where in the file a JSON Pointer into the document is written; for what is missing, where it would belong. */
export class PointerLines {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  lineOf(pointer: string): number {
    let node: ParsedNode | null = this.#document.contents as ParsedNode | null;
    let line = 1;
    for (const step of stepsOf(pointer)) {
      const next = childOf(node, step) ?? childOf(node, standIns[step] ?? '');
      if (!next) break;
      line = this.#lineAt(next.at);
      node = next.value;
    }
    return line;
  }

  /** The scalar as it is written: 1.0 is not 1, and 0123 not 83, when a text is meant. */
  sourceOf(pointer: string): string | undefined {
    let node: ParsedNode | null = this.#document.contents as ParsedNode | null;
    for (const step of stepsOf(pointer)) node = childOf(node, step)?.value ?? null;
    return isScalar(node) && typeof node.source === 'string' ? node.source : undefined;
  }

  locate(findings: readonly Finding[], file: string): Finding[] {
    return findings.map((f) =>
      f.pointer === null || f.file !== null ? f : { ...f, file, line: this.lineOf(f.pointer) },
    );
  }

  #lineAt(node: Node): number {
    return Math.max(1, this.#lines.linePos(node.range?.[0] ?? 0).line);
  }
}

function childOf(
  node: ParsedNode | null,
  step: string,
): { at: ParsedNode; value: ParsedNode | null } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === step);
    return pair ? { at: pair.key as ParsedNode, value: pair.value as ParsedNode | null } : undefined;
  }
  if (isSeq(node) && /^\d+$/.test(step)) {
    const item = node.items[Number(step)] as ParsedNode | undefined;
    return item ? { at: item, value: item } : undefined;
  }
  return undefined;
}

export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'));

export const pointerTo = (...steps: readonly (string | number)[]): string =>
  steps.map((s) => `/${String(s).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
