import { type Static, Type } from 'typebox';
import { fields, record, Timestamp } from './schema.ts';

/** How fast a model answered on an instance type, measured by the marketplace. */
export const MeasuredLatency = record('MeasuredLatency', {
  instanceType: Type.String(),
  p50Ms: Type.Number(),
  p99Ms: Type.Number(),
  callsPerSecond: Type.Number(),
  calls: Type.Integer(),
  histogram: Type.Array(fields({ upToMs: Type.Number(), count: Type.Integer() })),
  measuredAt: Timestamp,
});
export type MeasuredLatency = Static<typeof MeasuredLatency>;
