import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServeRequest } from '../servable.ts';
import { type ProgramLimits, programBackend } from './program-serving.ts';

const echo = fileURLToPath(new URL('./echo.program.js', import.meta.url));

/** The backend with the echo program, beside a model that it needs and an empty one. */
export function programsForTests(limits: Partial<ProgramLimits> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'sk-'));
  for (const name of ['code', 'model', 'empty', 'sockets']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'model', 'weights.json'), '{}');
  copyFileSync(echo, join(root, 'code', 'serve'));
  const backend = programBackend({
    packagePath: async (sha256) => join(root, sha256),
    programPath: async () => join(root, 'code'),
    socketDir: join(root, 'sockets'),
    limits,
  });
  return {
    root,
    sockets: join(root, 'sockets'),
    start: (packageSha256: 'model' | 'empty' = 'model', more: Partial<ServeRequest> = {}) =>
      backend.start({
        name: 'echo',
        servable: {
          kind: 'process',
          packageSha256,
          programSha256: 'code',
          entry: 'serve',
          interpreter: 'node',
          args: [],
          environment: {},
        },
        instance: { name: 'ml.t3.small', cpus: 1, memoryMb: 256 },
        ...more,
      }),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
