/** `publishEnded` is news of a job's end; `transformSubscribers` tells whoever began it. */
export { publishEnded, transformSubscribers } from './transforms.notices.ts';
export type { QuotaNow } from './transforms.quota.ts';
export { transformRoutes } from './transforms.routes.ts';
export {
  newTransforms,
  type TransformNeeds,
  type Transforms,
  transformWorkload,
} from './transforms.service.ts';
export { type SupervisorTimes, startTransforms } from './transforms.supervisor.ts';
export type { UsageCount, WorkerNeeds } from './transforms.worker.ts';
