export {
  type CallAnswer,
  type CallOptions,
  callOperation,
  publicOperation,
  type ServiceFetch,
} from './services.call.ts';
export type { Connection } from './services.connection.ts';
export { serviceOutbound } from './services.outbound.ts';
export { serviceRoutes } from './services.routes.ts';
export { newServices, type ServiceNeeds, type Services } from './services.service.ts';
export type { ServiceTrial } from './services.trial.ts';
