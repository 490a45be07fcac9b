import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { SoukError } from '../../../platform/errors.ts';
import type { SlurmSettings } from './slurm.ts';
import type { Cluster } from './slurm-commands.ts';

/** Why the cluster can take nothing now, with a code and a remedy; null where it can. */
export async function clusterProblem(
  settings: SlurmSettings | null,
  cluster: Pick<Cluster, 'partitions'>,
): Promise<SoukError | null> {
  if (!settings) return new SoukError('cluster.not_configured');
  const { folder, partition } = settings;
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return new SoukError('cluster.folder_unusable', { folder });
  try {
    const partitions = await cluster.partitions();
    const meant = partitions.filter((p) => partition === null || p.name === partition);
    if (meant.length === 0)
      return new SoukError('cluster.partition_unknown', {
        partition: partition ?? 'at all',
        partitions: partitions.map((p) => p.name).join(', ') || 'none',
      });
    if (meant.every((p) => p.usable === 0))
      return new SoukError('cluster.nodes_down', { partition: partition ?? 'the cluster' });
    return null;
  } catch (error) {
    if (error instanceof SoukError) return error;
    throw error;
  }
}

/** One sentence and what to do, where there is room for no more than text. */
export const inWords = (error: SoukError): string => `${error.message} ${error.remedy}`;
