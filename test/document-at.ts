import type { ProductDocument } from '@souk/contract';
import { documentFindings } from '@souk/contract';
import { irisDocument } from './iris-document.ts';

const arn = 'arn:aws:sagemaker:souk-home-1:123456789012:model-package/iris-1';

/** A document that has no errors, to change one place of. */
export const wholeDocument = (): ProductDocument => irisDocument(arn, '0'.repeat(64));

/** Puts a value where a pointer says, making what is missing on the way. */
export function placed(pointer: string, value: unknown): ProductDocument {
  const document = structuredClone(wholeDocument()) as Record<string, unknown>;
  const names = pointer.split('/').slice(1);
  let here: Record<string, unknown> = document;
  for (const [i, name] of names.slice(0, -1).entries()) {
    here[name] ??= /^\d+$/.test(names[i + 1] ?? '') ? [] : {};
    here = here[name] as Record<string, unknown>;
  }
  here[names.at(-1) ?? ''] = value;
  return document as ProductDocument;
}

/** The errors at and below a place when it holds the value. */
export const codesAt = (pointer: string, value: unknown): string[] =>
  documentFindings(placed(pointer, value))
    .filter((f) => f.severity === 'error' && (f.pointer === pointer || f.pointer?.startsWith(`${pointer}/`)))
    .map((f) => f.code);
