export { gatewayProcess } from './gateway.process.ts';
export { unitsOf } from './gateway.rules.ts';
export type { GatewaySettings } from './gateway.ts';
