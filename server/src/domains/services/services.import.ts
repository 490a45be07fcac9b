import type { ServiceImport } from '@souk/contract';
import { parse } from 'yaml';
import { fail } from '../../platform/errors.ts';
import { readMapping } from './services.import.csdl.ts';
import { readOpenApi } from './services.import.openapi.ts';

export type Note = ServiceImport['notes'][number];

/** Operations out of a description that a service has already. What cannot be carried over is left out, and a note says so. */
export async function readDescription(text: string): Promise<ServiceImport> {
  try {
    return text
      .trimStart()
      .replace(/^\uFEFF/, '')
      .startsWith('<')
      ? readMapping(text)
      : await readOpenApi(document(text));
  } catch (error) {
    return fail('service.import_unreadable', {
      problem: ((error as Error).message.split('\n')[0] ?? '').slice(0, 300).replace(/\.$/, ''),
    });
  }
}

function document(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // YAML with as many aliases as a person writes: they can make a small text grow without end.
    return parse(text, { maxAliasCount: 100 });
  }
}
