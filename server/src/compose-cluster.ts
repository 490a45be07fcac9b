import { imageArchives } from './containers.ts';
import {
  ensureUnpacked,
  ensureUnpackedContents,
  ensureUnpackedProgram,
} from './domains/models/models.unpacked.ts';
import { type ClusterServing, clusterServing } from './domains/runtime/index.ts';
import { folders } from './platform/config.ts';
import type { Platform } from './platform/platform.ts';

/** Models on nodes of the operator's cluster, for batch jobs whose instance type is of it. */
export function composeCluster(platform: Platform): ClusterServing {
  const { config } = platform;
  return clusterServing({
    settings: config.slurm,
    async packagePath(servable) {
      if (servable.kind === 'onnx') return await ensureUnpacked(platform, servable.packageSha256);
      if (servable.kind === 'remote' || servable.packageSha256 === null) return null;
      return await ensureUnpackedContents(platform, servable.packageSha256);
    },
    programPath: async (sha256) => (await ensureUnpackedProgram(platform, sha256)).folder,
    archive: imageArchives(platform),
    socketDir: folders(config.dataDir).sockets,
    bodyBytesMax: Math.max(config.payloadBytesMax, config.endpointPayloadBytesMax),
  });
}
