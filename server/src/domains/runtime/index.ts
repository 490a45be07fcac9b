export { startModelServer } from './onnx-backend.ts';
export { callModel } from './runtime.call.ts';
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
export type { DeploymentRow, ModelAddress, RunningModel, StartModel } from './runtime.ts';
export { type ReadMetrics, readMetrics } from './training/metrics.ts';
export { removeWorkDir } from './training/opt-ml.ts';
export { processBackend } from './training/process-backend.ts';
export type {
  TrainingBackend,
  TrainingEnd,
  TrainingEndKind,
  TrainingInput,
  TrainingLimits,
  TrainingRun,
} from './training/training.ts';
