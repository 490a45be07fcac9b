import { composeCluster } from './compose-cluster.ts';
import { trainingBackendsHere } from './compose-training.ts';
import type { Backend } from './domains/servers/index.ts';
import type { Platform } from './platform/platform.ts';
import { backendsHere } from './runner.ts';

/** What this place can run things with, for the operator: each is asked when somebody looks. */
export function composeBackends(platform: Platform): () => Promise<Backend[]> {
  const cluster = composeCluster(platform);
  return async () => {
    const serving = await backendsHere(platform);
    const training = Object.values(trainingBackendsHere(platform)).filter((b) => b !== null);
    const stateOf = async (
      backend: { readonly kind: Backend['kind']; unavailable(): Promise<string | null> },
      use: Backend['use'],
      hostsMax: number | null,
    ): Promise<Backend> => {
      const why = await backend.unavailable();
      return { kind: backend.kind, use, available: why === null, detail: why ?? '', hostsMax };
    };
    const known = await Promise.all([
      ...serving.map((b) => stateOf(b, 'serving', null)),
      ...training.map((b) => stateOf(b, 'training', b.hostsMax)),
    ]);
    // It trains and serves batch jobs where it is; its nodes are seen to lack a sandbox or podman when one of them is needed.
    const problem = await cluster.unavailable();
    const detail = problem ? `${problem.message} ${problem.remedy}` : '';
    const ofCluster = { kind: 'slurm' as const, available: problem === null, detail, hostsMax: null };
    return [
      ...known,
      ...(known.some((b) => b.kind === 'slurm') ? [] : [{ ...ofCluster, use: 'training' as const }]),
      { ...ofCluster, use: 'batch' as const },
    ];
  };
}
