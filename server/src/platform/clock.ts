/** The only source of time in decisions, so that tests of time-dependent rules move it. */
export interface Clock {
  now(): Date;
}
export const systemClock: Clock = { now: () => new Date() };
