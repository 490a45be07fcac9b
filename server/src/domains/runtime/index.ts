export { containerBackend } from './container/container-backend.ts';
export { containerTraining } from './container/container-training.ts';
export type { ImageArchive } from './container/image-store.ts';
export { startModelServer } from './onnx-backend.ts';
export { restartServedBy } from './remote/remote.sql.ts';
export { credentialHeaders, type RemoteCredentials, type RemoteServer } from './remote/remote.ts';
export { lookAt, refusedAddress } from './remote/remote-look.ts';
export { AnswerTooLarge, callModel, type ModelAnswer } from './runtime.call.ts';
export { modelMetrics } from './runtime.metrics.ts';
export { type RunnerOptions, startRunner } from './runtime.runner.ts';
export {
  ensureDeployment,
  find as findDeployment,
  keepRunning,
  startVersions,
  stopProduct,
  stopUnused as stopUnusedDeployments,
} from './runtime.sql.ts';
export { histogram, measureModel, quantile } from './runtime.trial.ts';
export { newTrials, type Trials } from './runtime.trials.ts';
export type { Conduct, DeploymentRow, EndKind, ModelAddress, RunningModel } from './runtime.ts';
export {
  type Servable,
  type ServeRequest,
  type ServingBackend,
  type ServingProgram,
  type StartServable,
  servedOnnx,
  servedProgram,
  startServables,
} from './servable.ts';
export { type ClusterServing, clusterServing } from './slurm/cluster-serving.ts';
export { type TrainingBackends, trainingBackendFor } from './training/backends.ts';
export { type ReadMetrics, readMetrics } from './training/metrics.ts';
export { folderOf, removeWorkDir } from './training/opt-ml.ts';
export { feedPipes, listFiles, type Pipes, startPipes } from './training/pipes.ts';
export { processBackend } from './training/process-backend.ts';
export { slurmBackend } from './training/slurm/slurm-backend.ts';
export {
  type Checkpoints,
  checkpointsPath,
  type TrainingBackend,
  type TrainingCode,
  type TrainingEnd,
  type TrainingEndKind,
  type TrainingInput,
  type TrainingLimits,
  type TrainingRun,
  type TrainingStage,
} from './training/training.ts';
