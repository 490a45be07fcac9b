export { dataRoutes } from './data.routes.ts';
export { newData } from './data.service.ts';
export { newDataWatch, type Sampled } from './data.watch.ts';
