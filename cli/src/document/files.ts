import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
import { type Finding, finding, type SampleFile } from '@souk/contract';
import { imageSize } from './image-size.ts';
import { pointerTo } from './pointer-lines.ts';

/** A file that is sent apart and named in the document by its digest. */
export interface MediaFile {
  readonly path: string;
  readonly purpose: 'media' | 'sample';
  readonly media: { readonly sha256: string };
}

/** Places that take a picture, or a file as it is, where all others take a text. */
const picturePlaces = /^\/promotion\/(?:logo|images\/\d+\/image)$/;
const samplePlaces = /^\/versions\/\d+\/(?:input|output)\/(?:samples|formats\/\d+)\/(?:realtime|batch)File$/;

/**
 * Puts the content of files where `$file: path` stands. Only files beside souk.yaml: a folder that somebody sent must not
 * be able to publish what else lies on this computer.
 */
export function fillFiles(
  tree: unknown,
  folder: string,
): { tree: unknown; media: MediaFile[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const media: MediaFile[] = [];
  const refuse = (pointer: string, code: string, message: string, remedy: string) => {
    findings.push(
      finding({ rule: 'souk-yaml', code: `souk-yaml.${code}`, severity: 'error', pointer, message, remedy }),
    );
    return undefined;
  };
  const load = (name: unknown, pointer: string): unknown => {
    if (typeof name !== 'string')
      return refuse(pointer, 'type', '$file takes a path.', 'Write it as $file: eula.txt.');
    const path = resolve(folder, name);
    let bytes: Buffer;
    try {
      const inside = relative(realpathSync(folder), realpathSync(path));
      if (inside.startsWith(`..${sep}`) || inside === '..' || resolve(inside) === inside)
        return refuse(
          pointer,
          'file_outside',
          `${name} lies outside the folder.`,
          'Put it beside souk.yaml.',
        );
      bytes = readFileSync(path);
    } catch {
      return refuse(pointer, 'file_missing', `There is no file ${name} to read.`, 'Correct the path.');
    }
    if (samplePlaces.test(pointer)) {
      const sample: SampleFile = {
        sha256: createHash('sha256').update(bytes).digest('hex'),
        fileName: basename(path),
        sizeBytes: bytes.length,
      };
      if (bytes.length === 0)
        return refuse(pointer, 'file_empty', `${name} is empty.`, 'Give a sample that shows something.');
      media.push({ path, purpose: 'sample', media: sample });
      return sample;
    }
    if (picturePlaces.test(pointer)) {
      const size = imageSize(bytes);
      if (!size)
        return refuse(
          pointer,
          'not_an_image',
          `${name} is not a PNG, JPEG or GIF.`,
          'Export it as one of these.',
        );
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const found = { sha256, ...size };
      media.push({ path, purpose: 'media', media: found });
      return found;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return refuse(pointer, 'file_encoding', `${name} is not UTF-8 text.`, 'Save it as UTF-8.');
    }
  };
  const walk = (value: unknown, pointer: string): unknown => {
    if (Array.isArray(value)) return value.map((v, i) => walk(v, pointer + pointerTo(i)));
    if (typeof value !== 'object' || value === null) return value;
    if ('$file' in value && Object.keys(value).length === 1) return load(value.$file, pointer);
    return Object.fromEntries(
      Object.entries(value)
        .map(([k, v]) => [k, walk(v, pointer + pointerTo(k))] as const)
        .filter(([, v]) => v !== undefined),
    );
  };
  return { tree: walk(tree, ''), media, findings };
}
