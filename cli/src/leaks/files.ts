import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file to look into, or one that could not be read, with the reason. */
export type Walked = { readonly path: string } | { readonly path: string; readonly unreadable: string };

/**
 * Every file below the paths that were given, in the order of their names. What git ignores is looked into as well: a key in .env is what
 * is looked for. Left out are packages of others (node_modules) unless asked for, and git's own store, which is compressed.
 */
export async function* filesBelow(path: string, withPackages: boolean): AsyncGenerator<Walked> {
  // The path itself may be a link; links below are not followed: they lead in circles, or out of what was asked for.
  const here = await stat(path);
  if (here.isDirectory()) yield* below(path, withPackages);
  else yield { path };
}

async function* below(folder: string, withPackages: boolean): AsyncGenerator<Walked> {
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (error) {
    yield { path: folder, unreadable: (error as Error).message };
    return;
  }
  for (const name of names) {
    const path = join(folder, name);
    try {
      const entry = await lstat(path);
      if (entry.isDirectory()) {
        if (name === 'node_modules' && !withPackages) continue;
        if (name === 'objects' && folder.endsWith('.git')) continue;
        yield* below(path, withPackages);
      } else if (entry.isFile()) yield { path };
    } catch (error) {
      yield { path, unreadable: (error as Error).message };
    }
  }
}
