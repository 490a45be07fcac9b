export { publisherRoutes } from './publishers.routes.ts';
export { newPublishersService, type Publishers, type PublishersNeeds } from './publishers.service.ts';
