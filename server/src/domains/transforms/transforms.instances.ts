import { fail, SoukError } from '../../platform/errors.ts';
import {
  callModel,
  type ModelAddress,
  type RunningModel,
  type ServeRequest,
  type StartServable,
} from '../runtime/index.ts';
import { type ExecutionParameters, executionParameters } from './transforms.rules.ts';

const restartsMax = 5;
/** A cluster may take a node away more often than a model may fail. */
const movesMax = 100;
const logLinesMax = 200;
const lineCharsMax = 2000;

export interface Instances {
  /** What the model says of itself; nothing where it says nothing. */
  readonly parameters: ExecutionParameters;
  readonly log: readonly string[];
  /** One that answers; waits while all of them start again. Refuses once one has ended too often. */
  address(signal: AbortSignal): Promise<ModelAddress>;
  stop(): Promise<void>;
  /** Those that can outlive this process go on, for whoever takes the job next; the others are stopped. */
  leave(): Promise<void>;
}

type Wanted = Omit<ServeRequest, 'onLog' | 'placement'> & {
  readonly instanceType: string;
  readonly count: number;
  /**
   * On a cluster, and found again under this id. It begins with the first that answers: of two jobs that each hold half of the cluster and wait
   * for the other half, neither would ever begin.
   */
  readonly clusterId: string | null;
  /** One of the cluster is there, and what is to be done when it no longer is. */
  readonly up?: () => Promise<() => void>;
  /** Whether what runs is left to somebody else, when it ends for this reason. */
  readonly leaves: (why: unknown) => boolean;
};

/** The instances of a job: started together, started again when they end, called in turn. */
export async function startInstances(
  start: StartServable,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Instances> {
  const { instanceType, count, clusterId, up, leaves, ...request } = wanted;
  const log: string[] = [];
  const onLog = (line: string) => {
    log.push(line.slice(0, lineCharsMax).replaceAll('\0', ''));
    if (log.length > logLinesMax) log.shift();
  };
  const running = new Set<RunningModel>();
  let ready: RunningModel[] = [];
  let restarts = 0;
  let moves = 0;
  let gaveUp: unknown;
  let stopped: 'stop' | 'leave' | undefined;
  let turn = 0;
  let waiting: (() => void)[] = [];
  const wake = () => {
    for (const go of waiting) go();
    waiting = [];
  };

  async function launch(index: number): Promise<void> {
    const placement = clusterId === null ? {} : { placement: { id: clusterId, index, count } };
    const one = await start({ ...request, ...placement, onLog });
    running.add(one);
    let wasReady = false;
    let down: (() => void) | undefined;
    const again = () => void launch(index).catch(giveUp);
    const ended = one.exited.then(({ reason, displaced, error }) => {
      running.delete(one);
      ready = ready.filter((r) => r !== one);
      down?.();
      if (stopped) return;
      onLog(`(the model ended: ${reason})`);
      if (displaced && ++moves <= movesMax) again();
      // One that never answered will not the next time either.
      else if (error || !wasReady || ++restarts > restartsMax) gaveUp ??= error ?? reason;
      else again();
      wake();
    });
    if (stopped) return void end(one);
    const ok = await Promise.race([
      one.ready.then(
        () => true,
        () => false,
      ),
      ended.then(() => false),
    ]);
    if (!ok) return await ended;
    if (stopped) return void end(one);
    try {
      down = await up?.();
    } catch (error) {
      giveUp(error);
      return void one.stop();
    }
    if (!running.has(one)) return down?.();
    wasReady = true;
    ready.push(one);
    wake();
  }
  function giveUp(problem: unknown) {
    gaveUp ??= problem;
    wake();
  }
  const failure = (problem: unknown) => {
    if (problem instanceof SoukError || leaves(problem)) throw problem;
    fail('transform.model_not_started', {
      instanceType,
      problem: problem instanceof Error ? problem.message : String(problem),
    });
  };
  const end = (one: RunningModel) => (stopped === 'leave' && one.leave ? one.leave() : one.stop());

  async function over(how: 'stop' | 'leave') {
    stopped ??= how;
    wake();
    await Promise.all([...running].map(end));
  }
  async function address(given: AbortSignal): Promise<ModelAddress> {
    for (;;) {
      given.throwIfAborted();
      if (gaveUp !== undefined) failure(gaveUp);
      const one = ready[turn++ % Math.max(1, ready.length)];
      if (one) return one.address;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      given.addEventListener('abort', () => resolve(), { once: true });
      await promise;
    }
  }

  try {
    const all = Promise.all(Array.from({ length: count }, (_, i) => launch(i + 1).catch(giveUp)));
    if (clusterId === null) await Promise.race([all, abortOf(signal)]);
    const parameters = await askParameters(await address(signal), signal);
    return { parameters, log, address, stop: () => over('stop'), leave: () => over('leave') };
  } catch (error) {
    await over(leaves(error) ? 'leave' : 'stop');
    throw error;
  }
}

const abortOf = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

async function askParameters(address: ModelAddress, signal: AbortSignal): Promise<ExecutionParameters> {
  try {
    const answer = await callModel(address, {
      path: '/execution-parameters',
      method: 'GET',
      timeoutMs: 5000,
      answerBytesMax: 65_536,
      signal,
    });
    return answer.status === 200 ? executionParameters(JSON.parse(answer.body.toString('utf8'))) : {};
  } catch {
    // Most containers do not have it.
    signal.throwIfAborted();
    return {};
  }
}
