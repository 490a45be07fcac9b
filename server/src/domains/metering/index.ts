export { meteringRoutes } from './metering.routes.ts';
export { monthOf } from './metering.rules.ts';
export { type Metering, type MeteringNeeds, newMetering } from './metering.service.ts';
export type { MonthInfrastructure, MonthUsage } from './metering.sql.ts';
