import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Mount } from '../../../platform/sandbox.ts';

/** What runs training programs, with everything that must be visible for it. */
export interface Interpreter {
  /** Inside the sandbox. */
  readonly file: string;
  readonly version: string;
  readonly mounts: readonly Mount[];
  /** Where it does not lie in a folder that is searched anyway. */
  readonly searched: readonly string[];
}

export const interpreterNames = ['python3', 'node', 'bash', 'sh'] as const;
export type InterpreterName = (typeof interpreterNames)[number];

const run = promisify(execFile);
const known = new Map<InterpreterName, Promise<Interpreter | undefined>>();

/** Looked for once per process. Undefined where this computer has none. */
export function findInterpreter(name: InterpreterName): Promise<Interpreter | undefined> {
  const found = known.get(name) ?? look(name);
  known.set(name, found);
  return found;
}

async function look(name: InterpreterName): Promise<Interpreter | undefined> {
  if (name === 'node')
    return {
      file: '/usr/local/bin/node',
      version: process.version,
      mounts: [{ from: realpathSync(process.execPath), to: '/usr/local/bin/node' }],
      searched: [],
    };
  if (name === 'python3') return findPython(process.env.PATH ?? '');
  const file = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
  return file === undefined ? undefined : { file, version: name, mounts: [], searched: [] };
}

const asksPython =
  'import json,os,sys;print(json.dumps([os.path.realpath(sys.executable),sys.base_prefix,"%d.%d.%d"%sys.version_info[:3]]))';

/** The system's own first: it lies where every sandbox sees it. A launcher of another (pyenv, conda) is asked for its real place. */
export async function findPython(searchPath: string): Promise<Interpreter | undefined> {
  const candidates = ['/usr/bin/python3', ...searchPath.split(delimiter).map((f) => join(f, 'python3'))];
  for (const candidate of candidates.filter((path) => existsSync(path)))
    try {
      const { stdout } = await run(candidate, ['-c', asksPython], { timeout: 10_000 });
      const [file, prefix, version] = JSON.parse(stdout) as [string, string, string];
      const ofSystem = prefix === '/usr';
      return {
        file,
        version,
        mounts: ofSystem ? [] : [{ from: prefix, to: prefix }],
        searched: ofSystem ? [] : [dirname(file)],
      };
    } catch {
      // A launcher without anything behind it: the next.
    }
  return undefined;
}
