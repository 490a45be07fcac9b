// What a job of the cluster runs on its node: `serve <folder> <index>` serves a model for Souk, `train <file>` trains with an image. It is
// Souk's own backends, started there; Souk and it speak through files in the shared folder, and calls come through a tunnel.
import { hostname } from 'node:os';
import { serveOnNode } from './node-serving.ts';
import { trainOnNode } from './node-training.ts';

const here = {
  jobId: process.env.SLURM_JOB_ID ?? `${process.pid}`,
  node: process.env.SLURMD_NODENAME ?? hostname(),
};
const [what, path = '', index = '1'] = process.argv.slice(2);
if (what === 'serve') await serveOnNode(here, path, Number(index));
else if (what === 'train') await trainOnNode(here, path);
else throw new Error(`nothing is known about ${what}`);
process.exit(0);
