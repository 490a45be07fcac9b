import { type Finding, finding, hasNoErrors, type ValidationProfile } from '@souk/contract';
import {
  callModel,
  measureModel,
  type RunningModel,
  type Servable,
  type StartServable,
  type Trials,
} from '../runtime/index.ts';
import { batchingFindings } from './models.batching.ts';
import { compareForm } from './models.rules.ts';

const callTimeoutMs = 60_000;

export interface Instance {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMb: number;
}

export interface ValidationNeeds {
  readonly start: StartServable;
  readonly trials: Pick<Trials, 'keep'>;
  /** Resolves when the machine is no longer busy with the package itself: only then is a measurement worth keeping. */
  readonly quiet: Promise<unknown>;
}

/**
 * Starts the model as a buyer's endpoint would, sends the profile's sample and compares the form of the answer. Findings are about the
 * model; whatever keeps us from trying is thrown. A model that answers well is measured while it runs, for the trial of a submission.
 */
export async function validate(
  { start, trials, quiet }: ValidationNeeds,
  p: { readonly name: string; readonly servable: Servable; readonly profile: ValidationProfile | null },
  unpacked: string | undefined,
  instance: Instance,
): Promise<Finding[]> {
  const began = performance.now();
  const { name, servable } = p;
  const running = await start({ name, servable, instance, ...(unpacked === undefined ? {} : { unpacked }) });
  let ended: { reason: string; kind: string } | undefined;
  void running.exited.then((e) => {
    ended = e;
  });
  try {
    try {
      await running.ready;
    } catch (error) {
      const { kind, reason } = await running.exited;
      if (kind === 'memory') return [outOfMemory(instance, reason)];
      // The runtime has loaded the same file a moment ago, so it is we who cannot start it.
      throw error;
    }
    const startMs = performance.now() - began;
    // Without a sample it is asked no more than whether it starts and answers /ping.
    if (!p.profile) return [];
    const { input, expected } = p.profile;
    const sample = { contentType: input.contentType, accept: expected.contentType, body: input.body };
    const answer = await callModel(running.address, {
      path: '/invocations',
      ...sample,
      timeoutMs: callTimeoutMs,
    }).catch(async (error: Error) => {
      if ('code' in error && String(error.code).startsWith('UND_ERR_') && /TIMEOUT/.test(String(error.code)))
        return 'late' as const;
      // The connection breaks a moment before the process is seen to end.
      await Promise.race([running.exited, new Promise((resolve) => setTimeout(resolve, 1000))]);
      if (!ended) throw error;
      return 'ended' as const;
    });
    if (answer === 'late') return [tooSlow(instance)];
    if (answer === 'ended')
      return [ended?.kind === 'memory' ? outOfMemory(instance, ended.reason) : crashed(instance)];
    const body = answer.body.toString('utf8');
    if (answer.status !== 200) return [refused(answer.status, wordsOf(body))];
    const findings = compareForm(expected, { contentType: answer.contentType, body });
    if (hasNoErrors(findings) && servable.kind === 'onnx' && servable.batching)
      findings.push(...(await batchingFindings(p.profile, (record) => answerOf(running, sample, record))));
    if (hasNoErrors(findings))
      await quiet
        .then(() => measureModel(running, instance, sample, new AbortController().signal))
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
  }
}

async function answerOf(
  { address }: RunningModel,
  { contentType, accept }: { contentType: string; accept: string },
  body: string,
): Promise<string | null> {
  const answer = await callModel(address, {
    path: '/invocations',
    contentType,
    accept,
    body,
    timeoutMs: callTimeoutMs,
  });
  return answer.status === 200 ? answer.body.toString('utf8') : null;
}

/** The sentence inside an error's JSON, where there is one. */
function wordsOf(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: unknown; message?: unknown };
    const words = parsed.error ?? parsed.message;
    if (typeof words === 'string') return words.slice(0, 500);
  } catch {
    // Plain text, then.
  }
  return body.slice(0, 500);
}

const found = (code: string, message: string, remedy: string) =>
  finding({ rule: 'validation', code, severity: 'error', message, remedy });

const refused = (status: number, words: string) =>
  found(
    'validation.sample_refused',
    `The model answered the sample input with status ${status}: ${words}.`,
    'Correct the sample input of the validation profile, or the model; `souk serve-model` runs the same server on your desk.',
  );

const tooSlow = (instance: Instance) =>
  found(
    'validation.too_slow',
    `On ${instance.name} the model did not answer the sample input within ${callTimeoutMs / 1000} seconds.`,
    'Make the sample input smaller, or name a larger instance type first.',
  );

const crashed = (instance: Instance) =>
  found(
    'validation.crashed',
    `On ${instance.name} the model server crashed while it answered the sample input.`,
    'Run `souk serve-model` with the same sample on your desk; a crash inside ONNX Runtime mostly comes from a single operator.',
  );

const outOfMemory = (instance: Instance, reason: string) =>
  found(
    'validation.memory',
    `On ${instance.name} (${instance.memoryMb} MB): ${reason}.`,
    'Name a larger instance type first in supportedRealtimeInferenceInstanceTypes, or make the model smaller.',
  );
