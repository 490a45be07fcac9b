import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { run } from './oci-archive.ts';

const debian: Readonly<Record<string, string>> = { sklearn: 'python3-sklearn', flask: 'python3-flask' };

/** Why a program's Python cannot be tried out here, with what would change that; false when it can. */
export function cannotRunPython(...modules: readonly string[]): string | false {
  const missing = modules.filter(
    (m) => spawnSync('python3', ['-c', `import ${m}`], { stdio: 'ignore' }).status !== 0,
  );
  if (missing.length === 0) return false;
  const names = missing.map((m) => debian[m] ?? m).join(' ');
  return `${missing.join(' and ')} for Python is missing (apt-get install ${names})`;
}

export const runPythonTests = (folder: string): Promise<void> =>
  run('python3', [
    '-B',
    '-m',
    'unittest',
    'discover',
    fileURLToPath(new URL(`../../${folder}`, import.meta.url)),
  ]);
