import { setTimeout as sleep } from 'node:timers/promises';
import { type Finding, finding, hasNoErrors, type ValidationProfile } from '@souk/contract';
import {
  type Conduct,
  callModel,
  type EndKind,
  type ModelAnswer,
  measureModel,
  type RunningModel,
  type Servable,
  type StartServable,
  type Trials,
} from '../runtime/index.ts';
import { compareForm } from './models.rules.ts';
import type { Instance } from './models.validate.ts';

export interface ContainerTrialNeeds {
  readonly start: StartServable;
  readonly trials: Pick<Trials, 'keep'>;
  /** Of its start; else the contract's eight minutes. */
  readonly startTimeoutMs?: number;
  /** For what says too early that it can be called; else ten seconds. */
  readonly secondChanceMs?: number;
}

const callTimeoutMs = 60_000;
/** A server that says too early that it can be called mostly can a moment later. */
const secondChanceMsUsual = 10_000;
const secondChanceEveryMs = 500;
/** What a batch job says to its containers, as the smallest of them would. */
const batchEnvironment = {
  SAGEMAKER_BATCH: 'true',
  SAGEMAKER_MAX_PAYLOAD_IN_MB: '6',
  SAGEMAKER_BATCH_STRATEGY: 'MULTI_RECORD',
  SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: '1',
};

/** The same words of a program: what is said of its image holds for its archive. */
const ofProgram = (findings: readonly Finding[]): Finding[] =>
  findings.map((f) => ({
    ...f,
    message: f.message.replaceAll('container', 'program'),
    remedy: f.remedy.replaceAll(/container|image/g, 'program'),
  }));

/** Of a server that runs already: what there is to mend is there, and partly the operator's. */
const ofServer = (findings: readonly Finding[]): Finding[] =>
  findings.map((f) => ({
    ...f,
    message: f.message.replaceAll('container', 'server'),
    remedy:
      f.code === 'container.not_ready'
        ? 'Ask the operator what `souk servers test` says: it has to be ready, with the model under the name that is registered.'
        : f.remedy.replaceAll(/container|image/g, 'server'),
  }));

/**
 * Runs a container as buyers will, in real time and then as a batch job does: starts it, sends the sample, compares the form of the
 * answer, ends it, and looks at how it behaved meanwhile. Findings are about the container; whatever keeps us from trying is thrown.
 */
export async function validateContainer(
  needs: ContainerTrialNeeds,
  p: { readonly name: string; readonly servable: Servable; readonly profile: ValidationProfile | null },
  instance: Instance,
): Promise<Finding[]> {
  const realTime = await tryOnce(needs, p, instance, 'realtime');
  // A server that runs already is not started by us, and so not differently for a batch.
  if (p.servable.kind === 'remote') return ofServer(realTime);
  const said = (findings: Finding[]) => (p.servable.kind === 'process' ? ofProgram(findings) : findings);
  if (!hasNoErrors(realTime)) return said(realTime);
  const batch = await tryOnce(needs, p, instance, 'batch');
  const known = new Set(realTime.map((f) => f.code));
  return said([...realTime, ...batch.filter((f) => f.severity === 'error' || !known.has(f.code))]);
}

type Use = 'realtime' | 'batch';

async function tryOnce(
  { start, trials, startTimeoutMs, secondChanceMs = secondChanceMsUsual }: ContainerTrialNeeds,
  { name, servable, profile }: Parameters<typeof validateContainer>[1],
  instance: Instance,
  use: Use,
): Promise<Finding[]> {
  const lines: string[] = [];
  const began = performance.now();
  const running = await start({
    name,
    servable,
    instance,
    ...(startTimeoutMs === undefined ? {} : { startTimeoutMs }),
    ...(use === 'batch' ? { environment: batchEnvironment } : {}),
    onLog: (line) => {
      lines.push(line.slice(0, 200));
      lines.splice(0, lines.length - 5);
    },
  });
  const findings: Finding[] = [];
  try {
    const failed = await running.ready.then(
      () => undefined,
      () => running.exited,
    );
    if (failed) return [ended(failed, instance, use)];
    const startMs = performance.now() - began;
    if (use === 'batch') findings.push(...(await parametersFindings(running)));
    // Without a sample it is asked no more than whether it starts and answers /ping.
    if (!profile) return findings;
    const { input, expected } = profile;
    const sample = { contentType: input.contentType, accept: expected.contentType, body: input.body };
    const answer = await firstAnswer(running, sample, use === 'realtime' ? secondChanceMs : 0, findings);
    if (answer === 'late') return [...findings, tooSlow(instance, use)];
    if (answer === 'ended') return [...findings, ended(await running.exited, instance, use)];
    const body = answer.body.toString('utf8');
    if (answer.status !== 200) return [...findings, refused(answer, use, lines)];
    findings.push(...compareForm(expected, { contentType: answer.contentType, body }));
    if (use === 'realtime' && hasNoErrors(findings))
      await measureModel(running, instance, sample, new AbortController().signal)
        .then((measured) =>
          trials.keep(
            { servable, instance, sample },
            { answer, startMs, measured, sandbox: running.sandbox },
          ),
        )
        // The trial of the submission measures again, and has the words for what went wrong.
        .catch(() => {});
    return findings;
  } finally {
    await running.stop();
    const conduct = await running.conduct?.();
    if (conduct) findings.push(...conductFindings(conduct));
  }
}

export const imageGone = (image: string) =>
  found(
    'image_missing',
    `The image ${image} is no longer among this account’s images that passed their checks.`,
    'Push it again, and register the package anew.',
  );

export const serverGone = (server: string) =>
  found(
    'server_missing',
    `The server ${server} may not serve packages of this account any more.`,
    'Ask the operator to open it to your account again, and register the package anew.',
  );

/** The answer to the sample; a container that said too early that it can be called gets a moment, and a finding. */
async function firstAnswer(
  running: RunningModel,
  sample: { contentType: string; accept: string; body: string },
  patienceMs: number,
  findings: Finding[],
): Promise<ModelAnswer | 'late' | 'ended'> {
  let over = false;
  void running.exited.then(() => {
    over = true;
  });
  const until = performance.now() + patienceMs;
  for (let first = true; ; first = false) {
    const answer = await callModel(running.address, {
      path: '/invocations',
      ...sample,
      timeoutMs: callTimeoutMs,
    }).catch((error: Error & { code?: string }) =>
      /TIMEOUT/.test(error.code ?? '') ? ('late' as const) : ('broken' as const),
    );
    if (answer === 'late') return 'late';
    if (answer !== 'broken' && answer.status < 500) {
      if (!first && answer.status === 200) findings.push(dishonest());
      return answer;
    }
    if (performance.now() > until || over) {
      if (answer !== 'broken') return answer;
      if (!over) await Promise.race([running.exited, sleep(1000)]);
      return over ? 'ended' : broken;
    }
    await sleep(secondChanceEveryMs);
  }
}

const broken: ModelAnswer = {
  status: 502,
  headers: {},
  contentType: 'text/plain',
  body: Buffer.from('the connection was closed without an answer'),
  durationMs: 0,
};

async function parametersFindings(running: RunningModel): Promise<Finding[]> {
  const answer = await callModel(running.address, {
    path: '/execution-parameters',
    method: 'GET',
    timeoutMs: callTimeoutMs,
  }).catch(() => undefined);
  // It may be left out, and most leave it out.
  if (answer?.status !== 200) return [];
  const problem = parametersProblem(answer.body.toString('utf8'));
  return problem === null
    ? []
    : [
        found(
          'execution_parameters',
          `GET /execution-parameters is answered, but ${problem}.`,
          'Answer {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}, or 404.',
        ),
      ];
}

export function parametersProblem(text: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'not with JSON';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'not with a JSON object';
  const {
    MaxConcurrentTransforms: concurrent,
    BatchStrategy: strategy,
    MaxPayloadInMB: payload,
  } = parsed as Record<string, unknown>;
  const isCount = (n: unknown, min: number) =>
    n === undefined || (Number.isInteger(n) && (n as number) >= min);
  if (!isCount(concurrent, 1)) return 'MaxConcurrentTransforms is no whole number of at least 1';
  if (!isCount(payload, 0)) return 'MaxPayloadInMB is no whole number';
  if (strategy !== undefined && strategy !== 'MULTI_RECORD' && strategy !== 'SINGLE_RECORD')
    return 'BatchStrategy is neither MULTI_RECORD nor SINGLE_RECORD';
  return null;
}

const found = (code: string, message: string, remedy: string, severity: Finding['severity'] = 'error') =>
  finding({ rule: 'container', code: `container.${code}`, severity, message, remedy });

const words = (use: Use) => (use === 'batch' ? ' as a batch job starts it (SAGEMAKER_BATCH=true)' : '');

const remedies: Readonly<Record<EndKind, string>> = {
  'not-ready':
    'Answer GET /ping on port 8080 with 200 as soon as calls can be taken. The image is started with the argument `serve`, its model at /opt/ml/model, without a network.',
  stopped: 'Register it again.',
  crashed: 'Run the image with `serve` and the sample on your desk; its last lines say where it ended.',
  hung: 'Answer GET /ping within 2 seconds also while calls are worked on.',
  memory: 'Name a larger instance type first in supportedRealtimeInferenceInstanceTypes, or load less.',
  disk: 'Write less, and remove what is no longer needed: the disk of a container is limited and goes with it.',
  processes: 'Start a fixed number of workers.',
  log: 'Write less to standard output and standard error.',
};
const codes: Readonly<Record<EndKind, string>> = {
  'not-ready': 'not_ready',
  stopped: 'stopped',
  crashed: 'crashed',
  hung: 'hung',
  memory: 'memory',
  disk: 'disk',
  processes: 'processes',
  log: 'log_flood',
};

const ended = ({ kind, reason }: { kind: EndKind; reason: string }, instance: Instance, use: Use) =>
  found(codes[kind], `On ${instance.name}${words(use)}: ${reason.replace(/\.$/, '')}.`, remedies[kind]);

const refused = ({ status, body }: ModelAnswer, use: Use, lines: readonly string[]) => {
  const log = lines.length === 0 ? '' : ` Its last lines: ${lines.join(' / ')}`;
  return found(
    use === 'batch' ? 'batch_refused' : 'sample_refused',
    `The container${words(use)} answered the sample input with status ${status}: ${body.toString('utf8', 0, 500)}.${log}`.slice(
      0,
      1500,
    ),
    'Correct the sample input of the validation profile, or what the container does with it.',
  );
};

const tooSlow = (instance: Instance, use: Use) =>
  found(
    'too_slow',
    `On ${instance.name} the container${words(use)} did not answer the sample input within ${callTimeoutMs / 1000} seconds.`,
    'Make the sample input smaller, or name a larger instance type first.',
  );

const dishonest = () =>
  found(
    'ping_dishonest',
    'GET /ping was answered with 200 before the container could take calls: the first call of the sample failed, a later one was answered.',
    'Answer GET /ping with 200 only when the model is loaded and the next call will be answered; buyers are billed from then on.',
  );

function conductFindings({ ignoredTerm, networkTries }: Conduct): Finding[] {
  return [
    ...(ignoredTerm
      ? [
          found(
            'ignores_term',
            'The container did not end within 30 seconds after SIGTERM and was killed.',
            'Start the server with `exec`, so that it gets the signal, and end what is under way; every update of an endpoint waits for it.',
            'warning',
          ),
        ]
      : []),
    ...(networkTries > 0
      ? [
          found(
            'network_tried',
            `Something in the container tried to reach the network (${networkTries} ${networkTries === 1 ? 'time' : 'times'}). There is none, and nothing got out.`,
            'Bring everything along in the image or the model; look for telemetry, downloads at start and licence checks.',
            'warning',
          ),
        ]
      : []),
  ];
}
