export { newFinisher } from './training.finish.ts';
export { trainingRoutes } from './training.routes.ts';
export { type JobRunner, newJobRunner } from './training.run.ts';
export { newTraining, type Training } from './training.service.ts';
export { type Supervisor, startSupervisor } from './training.supervisor.ts';
export { newTuningControl } from './training.tuning.control.ts';
export { tuningRoutes } from './training.tuning.routes.ts';
export { newTuning } from './training.tuning.service.ts';
export { trainingWorkload, tuningWorkload } from './training.workload.ts';
