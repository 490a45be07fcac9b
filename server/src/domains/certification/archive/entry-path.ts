import { posix } from 'node:path';
import type { FindingCode } from '../rules.ts';
import type { ArchiveLimits } from './limits.ts';

export type SafePath =
  | { readonly ok: true /** Relative, without `.`; '' is the package's own top. */; readonly path: string }
  | { readonly ok: false; readonly code: FindingCode; readonly message: string };

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Makes an entry's name into a path that is certain to stay inside, or says why it cannot be one. */
export function safePath(raw: string, limits: ArchiveLimits): SafePath {
  const shown = JSON.stringify(raw.slice(0, 200));
  const refuse = (code: FindingCode, why: string): SafePath => ({
    ok: false,
    code,
    message: `The entry ${shown} ${why}.`,
  });
  if (raw.includes('\\')) return refuse('archive.path_invalid', 'has a backslash in its name');
  if (unprintable.test(raw)) return refuse('archive.path_invalid', 'has control characters in its name');
  if (raw.startsWith('/') || /^[A-Za-z]:/.test(raw))
    return refuse('archive.path_escapes', 'has an absolute path');
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refuse('archive.path_escapes', 'climbs out of its folder with “..”');
  if (raw === '') return refuse('archive.path_invalid', 'has no name');
  if (parts.length > limits.pathDepthMax)
    return refuse('archive.path_invalid', `lies more than ${limits.pathDepthMax} folders deep`);
  const path = parts.join('/');
  if (Buffer.byteLength(path) > limits.pathBytesMax || parts.some((part) => Buffer.byteLength(part) > 255))
    return refuse('archive.path_invalid', 'has a name that is too long');
  return { ok: true, path };
}

/** Where a link inside the package points; null when outside. Hard links are stated from the top, symbolic from beside. */
export function linkTarget(
  linkPath: string,
  target: string,
  kind: 'symbolic link' | 'hard link',
): string | null {
  if (target === '' || target.startsWith('/') || target.includes('\\') || unprintable.test(target))
    return null;
  const from = kind === 'hard link' ? '' : posix.dirname(linkPath);
  const path = posix.normalize(posix.join(from, target));
  return path === '..' || path.startsWith('../') ? null : path;
}

/** All names seen so far, to refuse two that are one on some disk. */
export class SeenPaths {
  readonly #byKey = new Map<string, { readonly path: string; readonly folder: boolean }>();

  /** Null when the name is new (or the same folder again); otherwise what is wrong. */
  add(path: string, folder: boolean): { readonly code: FindingCode; readonly message: string } | null {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const problem = this.#addOne(parts.slice(0, i).join('/'), true);
      if (problem !== null) return problem;
    }
    return this.#addOne(path, folder);
  }

  #addOne(path: string, folder: boolean): { readonly code: FindingCode; readonly message: string } | null {
    const key = path.normalize('NFC').toLowerCase();
    const known = this.#byKey.get(key);
    if (known === undefined) {
      this.#byKey.set(key, { path, folder });
      return null;
    }
    if (known.path !== path)
      return {
        code: 'archive.path_collides',
        message: `“${path}” and “${known.path}” are one name on many disks.`,
      };
    if (known.folder && folder) return null;
    if (known.folder !== folder)
      return { code: 'archive.path_collides', message: `“${path}” is a file and a folder at once.` };
    return { code: 'archive.path_duplicate', message: `“${path}” is in the archive twice.` };
  }
}
