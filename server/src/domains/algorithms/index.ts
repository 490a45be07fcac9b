export { type AlgorithmCheck, type CheckNeeds, newCheck } from './algorithms.check.ts';
export { algorithmJobs } from './algorithms.jobs.ts';
export { packModel } from './algorithms.model.ts';
export { algorithmRoutes } from './algorithms.routes.ts';
export { type Algorithms, type AlgorithmsNeeds, newAlgorithmsService } from './algorithms.service.ts';
export { newSampleTraining, type SampleTrainer, type TrainNeeds } from './algorithms.train.ts';
export type { AlgorithmResource } from './algorithms.ts';
