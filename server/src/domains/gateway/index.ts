export { gatewayProcess } from './gateway.process.ts';
export type { GatewaySettings } from './gateway.ts';
