import { availableParallelism } from 'node:os';
import type { Policies } from '@souk/contract';
import { imageArchives, podmanHere } from './containers.ts';
import type { Locations } from './domains/files/index.ts';
import type { Meter } from './domains/instances/index.ts';
import type { Models } from './domains/models/index.ts';
import type { NotificationsService } from './domains/notifications/index.ts';
import {
  containerTraining,
  type ImageArchive,
  processBackend,
  slurmBackend,
  type TrainingBackend,
  type TrainingBackends,
} from './domains/runtime/index.ts';
import {
  newFinisher,
  newJobRunner,
  newTraining,
  newTuning,
  newTuningControl,
  type Supervisor,
  startSupervisor,
  trainingRoutes,
  trainingWorkload,
  tuningRoutes,
  tuningWorkload,
} from './domains/training/index.ts';
import type { Config } from './platform/config.ts';
import type { Platform } from './platform/platform.ts';

export interface TrainingParts {
  readonly locations: Locations;
  readonly models: Pick<Models, 'registerTrained'>;
  readonly news: Pick<NotificationsService, 'notify'>;
  policies(): Promise<Policies>;
  /** In tests shorter. */
  readonly stopGraceMs?: number;
}

/** Publishers' images, on this machine. */
const inContainers = (platform: Platform): TrainingBackend =>
  containerTraining({
    podman: () => podmanHere(platform.config, platform.log),
    archive: imageArchives(platform),
  });

/** What can train here, beside containers. */
export const trainingBackends = (
  config: Pick<Config, 'slurm'>,
  archive?: ImageArchive,
): TrainingBackends => ({
  process: processBackend(),
  container: null,
  slurm: config.slurm && slurmBackend({ settings: config.slurm, ...(archive ? { archive } : {}) }),
});

export const trainingBackendsHere = (platform: Platform): TrainingBackends => ({
  ...trainingBackends(platform.config, imageArchives(platform)),
  container: inContainers(platform),
});

/** Buyers' trainings: what takes them, and what runs them in this process once jobs run. */
export function composeTraining(
  platform: Platform,
  parts: TrainingParts,
  backends: TrainingBackends = trainingBackendsHere(platform),
) {
  const { locations, policies } = parts;
  const training = newTraining(platform, { locations, backends, policies });
  const finish = newFinisher(platform, {
    locations,
    registerModel: parts.models.registerTrained,
    notify: parts.news.notify,
  });
  return {
    training,
    routes: [
      ...trainingRoutes(training, platform.notifications),
      ...tuningRoutes(newTuning(platform, training)),
    ],
    // A tuning first: it would else begin the next training while the last is stopped.
    workloads: [tuningWorkload(platform.db), trainingWorkload(platform.db)],
    run: (meter: Meter): Supervisor =>
      startSupervisor(platform, {
        run: newJobRunner(platform, {
          backends,
          locations,
          meter,
          finish,
          policies,
          ...(parts.stopGraceMs ? { stopGraceMs: parts.stopGraceMs } : {}),
        }),
        meter,
        jobsAtOnce: Math.max(1, availableParallelism()),
        tunings: newTuningControl(platform, {
          training,
          registerModel: parts.models.registerTrained,
          notify: parts.news.notify,
        }),
      }),
  };
}
