import { fail } from '../../platform/errors.ts';
import {
  callModel,
  type ModelAddress,
  type RunningModel,
  type ServeRequest,
  type StartServable,
} from '../runtime/index.ts';
import { type ExecutionParameters, executionParameters } from './transforms.rules.ts';

const restartsMax = 5;
const logLinesMax = 200;
const lineCharsMax = 2000;

export interface Instances {
  /** What the model says of itself; nothing where it says nothing. */
  readonly parameters: ExecutionParameters;
  readonly log: readonly string[];
  /** One that answers; waits while all of them start again. Refuses once one has ended too often. */
  address(signal: AbortSignal): Promise<ModelAddress>;
  stop(): Promise<void>;
}

type Wanted = Omit<ServeRequest, 'onLog'> & { readonly instanceType: string; readonly count: number };

/** The instances of a job: started together, started again when they end, called in turn. */
export async function startInstances(
  start: StartServable,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Instances> {
  const { instanceType, count, ...request } = wanted;
  const log: string[] = [];
  const onLog = (line: string) => {
    log.push(line.slice(0, lineCharsMax).replaceAll('\0', ''));
    if (log.length > logLinesMax) log.shift();
  };
  const running = new Set<RunningModel>();
  let ready: RunningModel[] = [];
  let restarts = 0;
  let gaveUp: string | undefined;
  let stopped = false;
  let turn = 0;
  let waiting: (() => void)[] = [];
  const wake = () => {
    for (const go of waiting) go();
    waiting = [];
  };

  async function launch(): Promise<void> {
    const one = await start({ ...request, onLog });
    running.add(one);
    let wasReady = false;
    const ended = one.exited.then(({ reason }) => {
      running.delete(one);
      ready = ready.filter((r) => r !== one);
      if (stopped) return;
      onLog(`(the model ended: ${reason})`);
      // One that never answered will not the next time either.
      if (!wasReady || ++restarts > restartsMax) gaveUp ??= reason;
      else void launch().catch((error: Error) => giveUp(error.message));
      wake();
    });
    const ok = await Promise.race([
      one.ready.then(
        () => true,
        () => false,
      ),
      ended.then(() => false),
    ]);
    if (!ok) {
      await ended;
      return giveUp('it ended before it was ready');
    }
    if (stopped) return void one.stop();
    wasReady = true;
    ready.push(one);
    wake();
  }
  function giveUp(problem: string) {
    gaveUp ??= problem;
    wake();
  }
  const failure = (problem: string) => fail('transform.model_not_started', { instanceType, problem });

  async function stop() {
    stopped = true;
    wake();
    await Promise.all([...running].map((r) => r.stop()));
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
    const all = Promise.all(
      Array.from({ length: count }, () => launch().catch((error: Error) => giveUp(error.message))),
    );
    await Promise.race([all, abortOf(signal)]);
    const parameters = await askParameters(await address(signal), signal);
    return { parameters, log, address, stop };
  } catch (error) {
    await stop();
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
