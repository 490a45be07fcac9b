import { transformLimits } from '@souk/contract';
import { fail } from '../../platform/errors.ts';
import type { Locations } from '../files/index.ts';
import { outputUriOf } from './transforms.rules.ts';
import type { TransformRequest } from './transforms.ts';

export interface InputFile {
  readonly inputUri: string;
  readonly outputUri: string;
  readonly inputBytes: number;
}

const manifestBytesMax = 20 * 1024 * 1024;

/** Every file that the job is to read, in order. Refuses where there is none. */
export async function inputsOf(
  locations: Locations,
  accountId: string,
  request: TransformRequest,
): Promise<InputFile[]> {
  const { transformInput: input, transformOutput: output } = request;
  const { prefix, files } =
    input.dataType === 'ManifestFile'
      ? await manifestFiles(locations, accountId, input.uri)
      : { prefix: input.uri, files: await prefixFiles(locations, accountId, input.uri) };
  if (files.length === 0) fail('transform.no_input', { uri: input.uri });
  return files.map((f) => ({
    inputUri: f.uri,
    outputUri: outputUriOf(prefix, f.uri, output.uri),
    inputBytes: f.sizeBytes,
  }));
}

/** A file of exactly this name is meant by itself; otherwise everything whose location begins so. */
export async function prefixFiles(
  locations: Locations,
  accountId: string,
  uri: string,
  max: number = transformLimits.filesMax,
) {
  const files: { uri: string; sizeBytes: number }[] = [];
  for await (const file of locations.list(accountId, uri)) {
    if (file.uri === uri) return [file];
    // Buckets have empty objects where folders are shown.
    if (file.uri.endsWith('/')) continue;
    if (files.length >= max) {
      if (max === transformLimits.filesMax) fail('transform.too_many_files', { limit: max, uri });
      break;
    }
    files.push(file);
  }
  return files;
}

async function manifestFiles(locations: Locations, accountId: string, uri: string) {
  const refuse = (problem: string): never => fail('transform.manifest_invalid', { uri, problem });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of (await locations.open(accountId, uri)) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > manifestBytesMax) refuse(`it is larger than ${manifestBytesMax} bytes.`);
    chunks.push(chunk);
  }
  let list: unknown;
  try {
    list = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    refuse(`it is not JSON (${(error as Error).message}).`);
  }
  const [head, ...names] = Array.isArray(list) ? (list as unknown[]) : [];
  const prefix = (head as { prefix?: unknown } | undefined)?.prefix;
  if (typeof prefix !== 'string' || names.length === 0) refuse('it is not a list of a prefix and names.');
  if (names.length > transformLimits.filesMax)
    fail('transform.too_many_files', { limit: transformLimits.filesMax, uri });
  const files: { uri: string; sizeBytes: number }[] = [];
  for (const name of names) {
    if (typeof name !== 'string') return refuse('every name is a text.');
    const named = `${String(prefix)}${name}`;
    const [found] = await prefixFiles(locations, accountId, named, 1);
    if (found?.uri !== named) refuse(`there is nothing at ${named}.`);
    if (found) files.push(found);
  }
  return { prefix: String(prefix), files };
}
