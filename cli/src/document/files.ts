import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { type Finding, finding, type ProductDocument } from '@souk/contract';
import { imageSize } from './image-size.ts';
import { pointerTo } from './pointer-lines.ts';

export interface MediaFile {
  readonly path: string;
  readonly media: NonNullable<NonNullable<ProductDocument['promotion']>['logo']>;
}

/** Places that take a picture where all others take a text. */
const mediaPointers = ['/promotion/logo'];

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
    if (mediaPointers.includes(pointer)) {
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
      media.push({ path, media: found });
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
