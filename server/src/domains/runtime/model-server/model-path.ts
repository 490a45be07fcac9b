import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** A path that holds no model, in words for whoever typed it. */
export class ModelPathError extends Error {}

/** The .onnx file meant by a path: the file itself, or the one model of a folder. */
export function findModelFile(path: string): string {
  if (!existsSync(path)) throw new ModelPathError(`${path} does not exist`);
  if (!statSync(path).isDirectory()) {
    if (extname(path).toLowerCase() !== '.onnx') throw new ModelPathError(`${path} is not an .onnx file`);
    return path;
  }
  const preferred = join(path, 'model.onnx');
  if (existsSync(preferred)) return preferred;
  const found = readdirSync(path).filter((name) => extname(name).toLowerCase() === '.onnx');
  const [only] = found;
  if (only === undefined) throw new ModelPathError(`the folder ${path} holds no .onnx file`);
  if (found.length > 1)
    throw new ModelPathError(
      `the folder ${path} holds several models (${found.sort().join(', ')}): name one, or call it model.onnx`,
    );
  return join(path, only);
}

/** The name a path is served under: the file's, or the folder's for a folder and for any file called model.onnx. */
export function modelNameOf(path: string): string {
  const full = resolve(path);
  const file = basename(full);
  if (extname(file).toLowerCase() !== '.onnx') return file;
  return file.toLowerCase() === 'model.onnx' ? basename(dirname(full)) : file.slice(0, -'.onnx'.length);
}
