export {
  type CallAnswer,
  type CallOptions,
  callOperation,
  publicOperation,
  type ServiceFetch,
} from './services.call.ts';
