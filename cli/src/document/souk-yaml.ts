import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Finding, finding, ProductDocument } from '@souk/contract';
import type { TSchema } from 'typebox';
import { LineCounter, parseDocument } from 'yaml';
import { Failure } from '../failure.ts';
import { fillFiles, type MediaFile } from './files.ts';
import { ModelPart, ProductPart, PublisherPart } from './parts.ts';
import { PointerLines, pointerTo, stepsOf } from './pointer-lines.ts';
import { shapeFindings, textWantedAt } from './shape.ts';

/** souk.yaml, read: the product document with its files filled in, and what stands beside it. */
export interface SoukYaml {
  readonly path: string;
  readonly folder: string;
  /** As people see it in findings: relative to where they are. */
  readonly shownAs: string;
  readonly product: ProductPart | undefined;
  readonly publisher: PublisherPart | undefined;
  /** Versions named in `models` have no modelPackageArn yet. */
  readonly document: ProductDocument;
  readonly models: ReadonlyMap<number, ModelPart>;
  readonly media: readonly MediaFile[];
  readonly findings: readonly Finding[];
  readonly lines: PointerLines;
}

/** The file for a path that may be a folder with a souk.yaml. */
export function findSoukYaml(cwd: string, given: string | undefined): string | undefined {
  const path = resolve(cwd, given ?? '.');
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory()) return path;
  const found = ['souk.yaml', 'souk.yml'].map((name) => join(path, name)).find((p) => existsSync(p));
  return found;
}

export function readSoukYaml(path: string, cwd: string): SoukYaml {
  const folder = dirname(path);
  const shownAs = relative(cwd, path) || basename(path);
  const counter = new LineCounter();
  const parsed = parseDocument(readFileSync(path, 'utf8'), { lineCounter: counter, prettyErrors: false });
  const lines = new PointerLines(parsed, counter);
  if (parsed.errors.length > 0)
    throw unreadable(
      shownAs,
      parsed.errors.map((e) =>
        finding({
          rule: 'souk-yaml',
          code: 'souk-yaml.syntax',
          severity: 'error',
          file: shownAs,
          line: Math.max(1, counter.linePos(e.pos[0]).line),
          message: e.message,
          remedy: 'Mend the YAML there.',
        }),
      ),
    );
  const filled = fillFiles(parsed.toJS(), folder);
  const findings: Finding[] = [...filled.findings];
  const { product, publisher, models, document, misplaced } = takeApart(filled.tree);
  findings.push(...misplaced);
  const shaped = <T>(schema: TSchema, value: unknown, at: string): T => {
    mendTexts(value, textWantedAt(schema, value, at), at, lines);
    findings.push(...shapeFindings(schema, value, at));
    return value as T;
  };
  return {
    path,
    folder,
    shownAs,
    product: product === undefined ? undefined : shaped<ProductPart>(ProductPart, product, '/product'),
    publisher:
      publisher === undefined ? undefined : shaped<PublisherPart>(PublisherPart, publisher, '/publisher'),
    models: new Map(
      [...models].map(([i, m]) => [i, shaped<ModelPart>(ModelPart, m, pointerTo('versions', i, 'model'))]),
    ),
    document: shaped<ProductDocument>(ProductDocument, document, ''),
    media: filled.media,
    // A file that could not be read is said once, not again as a missing field.
    findings: lines.locate(findings, shownAs),
    lines,
  };
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function takeApart(tree: unknown) {
  const { product, publisher, ...rest } = isTree(tree) ? tree : {};
  const models = new Map<number, unknown>();
  const misplaced: Finding[] = [];
  const document: Tree = rest;
  if (Array.isArray(rest.versions))
    document.versions = rest.versions.map((version: unknown, i) => {
      if (!isTree(version) || !('model' in version)) return version;
      const { model, ...others } = version;
      models.set(i, model);
      if ('modelPackageArn' in others)
        misplaced.push(
          finding({
            rule: 'souk-yaml',
            code: 'souk-yaml.model_and_arn',
            severity: 'error',
            pointer: pointerTo('versions', i, 'modelPackageArn'),
            message: 'The version has both a model here and the ARN of a registered one.',
            remedy: 'Keep model to register what lies here, or modelPackageArn for what is registered.',
          }),
        );
      return others;
    });
  return { product, publisher, models, document, misplaced };
}

/** `number: 1.0` and `pricePerUnit: 0.002` are texts that YAML reads as numbers: taken as they were typed. */
function mendTexts(value: unknown, pointers: readonly string[], at: string, lines: PointerLines): void {
  for (const pointer of pointers) {
    const source = lines.sourceOf(pointer);
    const steps = stepsOf(pointer.slice(at.length));
    const last = steps.pop();
    let parent: unknown = value;
    for (const step of steps) parent = (parent as Tree | undefined)?.[step];
    if (source === undefined || last === undefined || typeof parent !== 'object' || parent === null) continue;
    if (typeof (parent as Tree)[last] === 'number') (parent as Tree)[last] = source;
  }
}

export const unreadable = (file: string, findings: readonly Finding[]) =>
  new Failure({
    kind: 'refused',
    code: 'cli.document_unreadable',
    message: `${file} cannot be used as it is.`,
    remedy: 'Mend what the findings name.',
    findings,
  });
