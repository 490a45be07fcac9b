import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { servingSuite } from '../serving.suite.ts';
import { containerBackend } from './container-backend.ts';
import { echoImage, podmanForTests } from './testing.ts';

const found = await podmanForTests();
const socketDir = mkdtempSync(join(tmpdir(), 'sk-'));
after(async () => {
  if (!('skip' in found)) await found.close();
  rmSync(socketDir, { recursive: true, force: true });
});
const image = 'skip' in found ? '' : await echoImage(found);
const json = 'application/json';

servingSuite({
  kind: 'container',
  missing: 'skip' in found ? found.skip : null,
  start: (model) => {
    if ('skip' in found) throw new Error(found.skip);
    const backend = containerBackend({
      podman: async () => found.podman,
      archive: () => Promise.reject(new Error('it is loaded')),
      packagePath: () => Promise.reject(new Error('there is no package')),
      socketDir,
    });
    return backend.start({
      name: model,
      servable: {
        kind: 'container',
        imageDigest: image,
        packageSha256: null,
        environment: model === 'broken' ? { BROKEN: 'yes' } : {},
      },
      instance: { name: 'ml.t3.small', cpus: 1, memoryMb: 384 },
    });
  },
  eat: { contentType: json, body: 'eat' },
  slow: { contentType: json, body: '{"instances":[[0.125,1]]}', holds: /0\.125/ },
});
