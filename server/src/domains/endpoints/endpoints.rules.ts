import { type EndpointSettings, endpointLimits as limits } from '@souk/contract';
import type { EndpointRow, InstanceRow } from './endpoints.ts';

/** Pure decisions about endpoints: what an update asks for, and what is to happen next. */

export interface OperatorLimits {
  readonly payloadBytesMax: number;
  readonly payloadBytesDefault: number;
  readonly timeoutSecondsMax: number;
}

type Given = Partial<EndpointSettings> & { readonly instances?: number };

/** The settings that were before, or the defaults, with what is given put over them. */
export function settingsFrom(
  before: EndpointSettings | undefined,
  given: Given,
  operator: OperatorLimits,
): EndpointSettings {
  const base: EndpointSettings = before ?? {
    instancesMin: 1,
    instancesMax: 1,
    concurrency: limits.concurrencyDefault,
    idleMinutes: null,
    scaleInSeconds: limits.scaleInSecondsDefault,
    startSeconds: limits.startSecondsDefault,
    payloadBytesMax: Math.min(operator.payloadBytesDefault, operator.payloadBytesMax),
    timeoutSeconds: Math.min(limits.timeoutSecondsDefault, operator.timeoutSecondsMax),
  };
  const { instances } = given;
  const instancesMin = given.instancesMin ?? instances ?? base.instancesMin;
  // A new minimum lifts the maximum with it; who names both means both.
  const instancesMax = given.instancesMax ?? instances ?? Math.max(base.instancesMax, instancesMin);
  return {
    instancesMin,
    instancesMax,
    concurrency: given.concurrency ?? base.concurrency,
    idleMinutes: given.idleMinutes === undefined ? base.idleMinutes : given.idleMinutes,
    scaleInSeconds: given.scaleInSeconds ?? base.scaleInSeconds,
    startSeconds: given.startSeconds ?? base.startSeconds,
    payloadBytesMax: given.payloadBytesMax ?? base.payloadBytesMax,
    timeoutSeconds: given.timeoutSeconds ?? base.timeoutSeconds,
    capture: given.capture === undefined ? (base.capture ?? null) : given.capture,
  };
}

/** What is wrong with the scaling that was asked for, in words. */
export function scalingProblem(settings: EndpointSettings, given: Given): string | undefined {
  const { instances } = given;
  if (instances !== undefined && (given.instancesMin !== undefined || given.instancesMax !== undefined))
    return 'instances is a fixed number, instancesMin and instancesMax are a range.';
  if (settings.instancesMin > settings.instancesMax)
    return `instancesMin is ${settings.instancesMin}, instancesMax only ${settings.instancesMax}.`;
  return undefined;
}

/** Variables that the runtime of a container sets itself. */
export const isReserved = (name: string): boolean => /^(SAGEMAKER_|SOUK_|AWS_)/.test(name) || name === 'PATH';

/** An instance that ended so often before it ever answered will not answer. */
const startsMax = 3;
/** Over the limit that the backend itself keeps. */
const startSlackMs = 10_000;
/** Of an instance's calls: below, so that there is room while another one starts. */
const targetLoad = 0.7;

export interface Facts {
  readonly endpoint: EndpointRow;
  readonly instances: readonly InstanceRow[];
  /** Calls under way and waiting, over all gateways. */
  readonly load: number;
  readonly now: number;
}

export interface Note {
  readonly kind: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}

type Changeable = Pick<
  EndpointRow,
  | 'state'
  | 'reason'
  | 'serving'
  | 'coming'
  | 'settings'
  | 'comingSettings'
  | 'target'
  | 'asleep'
  | 'wakeAskedAt'
  | 'busyAt'
  | 'lowSince'
>;

export interface Decision {
  readonly set: { -readonly [K in keyof Changeable]?: Changeable[K] };
  readonly add: { variant: number; count: number }[];
  readonly stop: string[];
  readonly notes: Note[];
  /** Nothing of it is left: it goes. */
  remove: boolean;
}

/**
 * What is to happen next with one endpoint. It is asked again and again, by whoever gets to it first, and goes by what is stored:
 * so it does not matter who asked before, nor where that one was killed.
 */
export function decide(facts: Facts): Decision {
  const { endpoint, instances } = facts;
  const decision: Decision = { set: {}, add: [], stop: [], notes: [], remove: false };
  if (endpoint.state === 'Deleting' || endpoint.stoppedReason !== null) {
    stopAll(running(instances), decision);
    decision.remove = endpoint.state === 'Deleting' && instances.length === 0;
    return decision;
  }
  const took = endpoint.coming !== null && bringUp(facts, endpoint.coming, decision);
  if (took) return decision;
  if (endpoint.state === 'Failed') {
    stopAll(running(instances), decision);
    return decision;
  }
  if (endpoint.serving !== null) serve(facts, endpoint.serving, decision);
  return decision;
}

const running = (instances: readonly InstanceRow[]) => instances.filter((i) => i.desired === 'running');
const isReady = (i: InstanceRow) => i.state === 'ready';

function stopAll(instances: readonly InstanceRow[], decision: Decision) {
  decision.stop.push(...instances.map((i) => i.id));
}

/** Brings a variant up beside the one that serves. True when calls move to it now. */
function bringUp({ endpoint, instances, now }: Facts, coming: number, decision: Decision): boolean {
  const settings = endpoint.comingSettings ?? endpoint.settings;
  const own = running(instances).filter((i) => i.variant === coming);
  const wanted = Math.min(
    Math.max(endpoint.serving === null ? 1 : endpoint.target, settings.instancesMin),
    settings.instancesMax,
  );
  const startMs = settings.startSeconds * 1000 + startSlackMs;
  const failed = own.find(
    (i) =>
      i.restarts >= startsMax ||
      (!isReady(i) && i.startingAt !== null && now - i.startingAt.getTime() > startMs),
  );
  if (failed) {
    const why = failed.failure ?? `it did not answer /ping within ${settings.startSeconds} s`;
    stopAll(own, decision);
    Object.assign(decision.set, { coming: null, comingSettings: null, reason: why.slice(0, 1000) });
    if (endpoint.serving === null) {
      decision.set.state = 'Failed';
      decision.notes.push({ kind: 'failed', message: `It could not be started: ${why}` });
    } else {
      decision.set.state = 'RollingBack';
      decision.notes.push({
        kind: 'rolling-back',
        message: `Variant ${coming} did not start, so variant ${endpoint.serving} goes on: ${why}`,
      });
    }
    return false;
  }
  if (own.filter(isReady).length < wanted) {
    if (own.length < wanted) decision.add.push({ variant: coming, count: wanted - own.length });
    return false;
  }
  stopAll(
    running(instances).filter((i) => i.variant !== coming),
    decision,
  );
  Object.assign(decision.set, {
    state: 'InService',
    reason: null,
    serving: coming,
    coming: null,
    settings,
    comingSettings: null,
    target: own.length,
    asleep: false,
    wakeAskedAt: null,
    busyAt: new Date(now),
    lowSince: null,
  } satisfies Partial<Changeable>);
  decision.notes.push({
    kind: endpoint.serving === null ? 'in-service' : 'updated',
    message:
      endpoint.serving === null
        ? 'It answers calls.'
        : `All calls go to variant ${coming} now; variant ${endpoint.serving} finishes what it has.`,
  });
  return true;
}

/** Keeps the serving variant at the number of instances that its calls want. */
function serve(facts: Facts, serving: number, decision: Decision) {
  const { endpoint, instances } = facts;
  const own = running(instances).filter((i) => i.variant === serving);
  const strangers = instances.filter((i) => i.variant !== serving);
  if (endpoint.state === 'RollingBack' && strangers.length === 0) {
    decision.set.state = 'InService';
    decision.notes.push({ kind: 'rolled-back', message: `Variant ${serving} serves, as before the update.` });
  }
  const left = strangers.filter((i) => i.desired === 'running' && i.variant !== endpoint.coming);
  stopAll(
    left.filter((i) => !decision.stop.includes(i.id)),
    decision,
  );
  const target = scaled(facts, decision);
  const missing = target - own.length;
  if (missing > 0) decision.add.push({ variant: serving, count: missing });
  if (missing < 0) stopAll([...own].sort(worstFirst).slice(0, -missing), decision);
  standing(endpoint, own, target, decision);
}

/** How many there should be; also falls asleep, and says what has become of waking. */
function scaled({ endpoint, instances, load, now }: Facts, decision: Decision): number {
  const { settings, target, serving } = endpoint;
  const ready = instances.filter((i) => i.variant === serving && isReady(i));
  if (endpoint.wakeAskedAt && ready.length > 0) {
    const first = Math.min(...ready.map((i) => i.readyAt?.getTime() ?? now));
    const durationMs = Math.max(0, first - endpoint.wakeAskedAt.getTime());
    decision.set.wakeAskedAt = null;
    decision.notes.push({
      kind: 'woken',
      message: `It answers again, ${(durationMs / 1000).toFixed(1)} s after the call that woke it.`,
      details: { durationMs },
    });
  }
  if (endpoint.asleep) return 0;
  // It was stopped: only what comes is started.
  if (endpoint.coming !== null && target === 0) return 0;
  const idleMs = settings.idleMinutes === null ? Number.POSITIVE_INFINITY : settings.idleMinutes * 60_000;
  const waking = endpoint.wakeAskedAt !== null && ready.length === 0;
  if (load === 0 && !waking && endpoint.coming === null && now - endpoint.busyAt.getTime() >= idleMs) {
    Object.assign(decision.set, { asleep: true, target: 0, lowSince: null });
    decision.notes.push({ kind: 'asleep', message: `No call for ${settings.idleMinutes} minutes.` });
    return 0;
  }
  const wanted = wantedFor(settings, load);
  if (wanted > target || target > settings.instancesMax) {
    decision.set.target = wanted;
    decision.set.lowSince = null;
    decision.notes.push({ kind: 'scaled', message: `${wanted} instances: ${load} calls at the same time.` });
    return wanted;
  }
  if (wanted === target) {
    if (endpoint.lowSince) decision.set.lowSince = null;
    return target;
  }
  if (!endpoint.lowSince) {
    decision.set.lowSince = new Date(now);
    return target;
  }
  if (now - endpoint.lowSince.getTime() < settings.scaleInSeconds * 1000) return target;
  decision.set.target = wanted;
  decision.set.lowSince = null;
  decision.notes.push({ kind: 'scaled', message: `${wanted} instances: ${load} calls at the same time.` });
  return wanted;
}

/** Instances for so many calls at the same time. */
export function wantedFor(settings: EndpointSettings, load: number): number {
  const enough = Math.ceil(load / (settings.concurrency * targetLoad));
  return Math.min(Math.max(enough, settings.instancesMin), settings.instancesMax);
}

const order: Record<InstanceRow['state'], number> = { draining: 0, down: 1, starting: 2, ready: 3 };
const worstFirst = (a: InstanceRow, b: InstanceRow) =>
  order[a.state] - order[b.state] || b.createdAt.getTime() - a.createdAt.getTime();

/** OutOfService while none of its instances can be called because they fail. */
function standing(endpoint: EndpointRow, own: readonly InstanceRow[], target: number, decision: Decision) {
  const failing = own.find((i) => i.state !== 'ready' && i.restarts > 0);
  const state = decision.set.state ?? endpoint.state;
  if (state === 'InService' && target > 0 && failing && !own.some(isReady)) {
    decision.set.state = 'OutOfService';
    decision.set.reason = failing.failure ?? 'its instances end';
    decision.notes.push({ kind: 'out-of-service', message: `No instance answers: ${decision.set.reason}` });
  } else if (state === 'OutOfService' && own.some(isReady)) {
    decision.set.state = 'InService';
    decision.set.reason = null;
    decision.notes.push({ kind: 'in-service', message: 'An instance answers again.' });
  }
}

/** Whether a decision changes anything. */
export const isEmpty = (d: Decision): boolean =>
  Object.keys(d.set).length + d.add.length + d.stop.length + d.notes.length === 0 && !d.remove;
