export type { Admitted } from './calls.admit.ts';
export type { Deadline } from './calls.deadlines.ts';
export type { LimitReached } from './calls.limits.ts';
export { type Denial, isDenied } from './calls.subscriber.ts';
export type { DataPlane, NewDataPlane, PlaneParts } from './data-plane.ts';
export type { CallErrorCode, ErrorStyle } from './gateway.errors.ts';
export { gatewayProcess } from './gateway.process.ts';
export { credentialOf, hasNoBody, quotaHeaders, unitsOf, usedOf } from './gateway.rules.ts';
export type { Entitlement, GatewaySettings, KeyRecord, VersionRoute } from './gateway.ts';
