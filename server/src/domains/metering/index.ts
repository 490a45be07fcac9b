export { meteringRoutes } from './metering.routes.ts';
export { monthOf } from './metering.rules.ts';
export { type Metering, type MeteringNeeds, newMetering } from './metering.service.ts';
/** `countUsage` counts what a job used, once however often it is told. */
export {
  type CountedUsage,
  count as countUsage,
  type MonthInfrastructure,
  type MonthUsage,
} from './metering.sql.ts';
