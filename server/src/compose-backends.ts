import { trainingBackendsHere } from './compose-training.ts';
import type { Backend } from './domains/servers/index.ts';
import type { Platform } from './platform/platform.ts';
import { backendsHere } from './runner.ts';

/** What this place can run things with, for the operator: each is asked when somebody looks. */
export function composeBackends(platform: Platform): () => Promise<Backend[]> {
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
    if (known.some((b) => b.kind === 'slurm')) return known;
    return [
      ...known,
      {
        kind: 'slurm',
        use: 'training',
        available: false,
        detail: 'no cluster is configured: set SOUK_SLURM_FOLDER',
        hostsMax: null,
      },
    ];
  };
}
