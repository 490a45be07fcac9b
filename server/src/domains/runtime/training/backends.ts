import type { TrainingBackend, TrainingCode } from './training.ts';

export interface TrainingBackends {
  /** Runs programs of publishers in the sandbox. */
  readonly process: TrainingBackend;
  /** Runs images; null where this marketplace has no backend for them. */
  readonly container: TrainingBackend | null;
  /** Runs both on a cluster, for instance types that name it. */
  readonly slurm: TrainingBackend | null;
}

/** What runs this code on an instance type whose row names this backend; null where nothing does. */
export function trainingBackendFor(
  backends: TrainingBackends,
  code: TrainingCode['kind'],
  ofInstanceType: string,
): TrainingBackend | null {
  if (ofInstanceType === 'slurm')
    // The containers of several hosts would have to reach each other over the network of their nodes, which they do not have.
    return code === 'container' && backends.slurm ? { ...backends.slurm, hostsMax: 1 } : backends.slurm;
  return code === 'container' ? backends.container : backends.process;
}
