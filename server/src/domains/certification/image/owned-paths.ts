import { posix } from 'node:path';

/**
 * Which files belong to an installed package, by the lists that dpkg, apk and pip keep beside it. The lists are the image's own:
 * they soften a finding, and never remove one.
 */
export function ownedPaths(texts: ReadonlyMap<string, Buffer>): (path: string) => boolean {
  const owned = new Set<string>();
  const add = (path: string) => {
    if (owned.size < 1_000_000) owned.add(path);
  };
  for (const [path, content] of texts) {
    const lines = content.toString('utf8').split('\n');
    if (/^var\/lib\/dpkg\/info\/[^/]+\.list$/.test(path))
      for (const line of lines) add(line.replace(/^\/+/, ''));
    else if (/\.dist-info\/RECORD$/.test(path)) {
      const root = posix.dirname(posix.dirname(path));
      for (const line of lines) add(posix.normalize(posix.join(root, line.split(',')[0] ?? '')));
    } else if (/apk\/db\/installed$/.test(path)) {
      let folder = '';
      for (const line of lines)
        if (line.startsWith('F:')) folder = line.slice(2);
        else if (line.startsWith('R:')) add(posix.join(folder, line.slice(2)));
    }
  }
  // Where /lib leads to /usr/lib, lists name either.
  return (path) => owned.has(path) || owned.has(path.replace(/^usr\//, ''));
}

export const tellsOwners = (path: string): boolean =>
  /^var\/lib\/dpkg\/info\/[^/]+\.list$|\.dist-info\/RECORD$/.test(path);
