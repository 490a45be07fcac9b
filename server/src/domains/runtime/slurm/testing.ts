import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningModel } from '../runtime.ts';
import type { Servable, ServeRequest } from '../servable.ts';
import { type ClusterServingParts, clusterServing } from './cluster-serving.ts';
import type { SlurmSettings } from './slurm.ts';

const echo = fileURLToPath(new URL('../process/echo.program.js', import.meta.url));

export const echoServable = (packageSha256: 'model' | 'empty' = 'model'): Servable => ({
  kind: 'process',
  packageSha256,
  programSha256: 'code',
  entry: 'serve',
  interpreter: 'node',
  args: [],
  environment: {},
});

/** A marketplace that serves the echo program on a cluster. */
export function servingForTests(settings: SlurmSettings | null, more: Partial<ClusterServingParts> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'sk-'));
  for (const name of ['code', 'model', 'empty', 'sockets']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'model', 'weights.json'), '{}');
  copyFileSync(echo, join(root, 'code', 'serve'));
  const serving = clusterServing({
    settings,
    packagePath: async (servable) =>
      'packageSha256' in servable && servable.packageSha256 ? join(root, servable.packageSha256) : null,
    programPath: async () => join(root, 'code'),
    archive: () => Promise.reject(new Error('nobody asks for an image')),
    socketDir: join(root, 'sockets'),
    bodyBytesMax: 25 * 1024 * 1024,
    pollMs: 100,
    ...more,
  });
  const begun: RunningModel[] = [];
  return {
    ...serving,
    root,
    sockets: join(root, 'sockets'),
    async begin(request: Partial<ServeRequest> = {}) {
      const one = await serving.start({
        name: 'echo',
        servable: echoServable(),
        instance: { name: 'ml.cluster.small', cpus: 1, memoryMb: 256, backend: 'slurm' },
        ...request,
      });
      begun.push(one);
      return one;
    },
    /** Also what a failed test has left: it would be followed on for ever, by a cluster that is gone. */
    async close() {
      await Promise.all(begun.map((one) => one.leave?.()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}
