export { audienceRoutes } from './audiences.routes.ts';
export { type Audiences, newAudiences } from './audiences.service.ts';
