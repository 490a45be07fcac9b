// A Souk that starts one container and is killed: argv is the data folder, the image and what it runs.

import { findPodman } from '../../../platform/podman.ts';
import { startContainer } from './container.ts';

const [dataDir = '', image = '', script = ''] = process.argv.slice(2);
const podman = await findPodman(dataDir);
if ('missing' in podman) throw new Error(podman.missing);
const { pid } = await startContainer(podman, {
  image,
  command: ['serve'],
  environment: { SCRIPT: script },
  mounts: [],
  cpus: 1,
  memoryMb: 64,
  processesMax: 100,
  diskBytesMax: 1_000_000,
  onLines: () => undefined,
  logAllowed: () => true,
  graceMs: 300,
});
process.stdout.write(`${pid}\n`);
setInterval(() => undefined, 1000);
