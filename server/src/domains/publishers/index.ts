export { publisherJobs } from './publishers.jobs.ts';
export { publisherSubscribers } from './publishers.notices.ts';
export { publisherRoutes } from './publishers.routes.ts';
export { newPublishersService, type Publishers, type PublishersNeeds } from './publishers.service.ts';
