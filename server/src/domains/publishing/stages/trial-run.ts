import { type Evidence, type Finding, finding, hasNoErrors, type MeasuredLatency } from '@souk/contract';
import { listedSamples } from './listed-samples.ts';
import type { StageNeeds, TrialInstanceType } from './needs.ts';
import type { Stage, StageContext } from './stage.ts';
import { behaviour, elsewhereEvidence, type SubmittedVersion, versionsOf } from './versions.ts';

export interface TrialOutput {
  readonly versions: Record<
    string,
    {
      readonly measured: MeasuredLatency[];
      readonly evidence: Evidence[];
      readonly instanceType: string;
      readonly backend: string;
    }
  >;
}

/** Runs each version as a buyer would meet it, with the validation profile's sample and with the listing's own. */
export function trialRun(needs: StageNeeds): Stage {
  return {
    reads: async (s) => {
      const known = await needs.instanceTypes();
      return (await versionsOf(s, needs)).map((v) => ({
        ...behaviour(v),
        instances: instancesFor(v, known),
      }));
    },
    async run(context) {
      const findings: Finding[] = [];
      const evidence: Evidence[] = [];
      const versions: TrialOutput['versions'] = {};
      const known = await needs.instanceTypes();
      for (const v of await versionsOf(context.submission, needs)) {
        const instances = instancesFor(v, known);
        const first = instances[0];
        if (!first) {
          findings.push(noInstance(v));
          continue;
        }
        const own: Evidence[] = [...trainingEvidence(v), ...elsewhereEvidence(v.resource)];
        for (const e of own)
          await context.log(`version ${v.number}: ${e.name} ${e.value} ${e.unit ?? ''}`.trim());
        const measured: MeasuredLatency[] = [];
        for (const [i, instance] of instances.entries())
          measured.push(await tryOn(v, instance, i === 0, context, findings, own));
        await tryListed(v, first, context, findings);
        versions[v.number] = { measured, evidence: own, instanceType: first.name, backend: first.backend };
        evidence.push(...own.map((e) => ({ ...e, name: `${v.number}: ${e.name}` })));
      }
      if (!hasNoErrors(findings))
        return { kind: 'refused', summary: 'The trial run did not answer as described.', findings, evidence };
      return {
        kind: 'passed',
        summary: 'Every version ran and answered in the form that was described.',
        findings,
        evidence,
        output: { versions },
      };
    },
  };

  async function tryOn(
    v: SubmittedVersion,
    instance: TrialInstanceType,
    first: boolean,
    context: StageContext,
    findings: Finding[],
    evidence: Evidence[],
  ): Promise<MeasuredLatency> {
    const { input, expected } = v.resource.validationProfile;
    await context.log(`version ${v.number} on ${instance.name}: starting`);
    const result = await needs.trial(
      { name: v.resource.name, servable: v.resource.served },
      instance,
      { contentType: input.contentType, accept: expected.contentType, body: input.body },
      context.signal,
    );
    const text = result.answer.body.toString('utf8');
    if (result.answer.status !== 200) findings.push(answered(v, instance, result.answer.status, text));
    else if (first)
      findings.push(
        ...needs
          .compareForm(expected, { contentType: result.answer.contentType, body: text })
          .map((f) => ({ ...f, pointer: f.pointer ?? v.arnPointer })),
      );
    const { p50Ms, p99Ms, callsPerSecond, calls } = result.measured;
    evidence.push(
      { name: `p50 on ${instance.name}`, value: p50Ms, unit: 'ms' },
      { name: `p99 on ${instance.name}`, value: p99Ms, unit: 'ms' },
      { name: `Throughput on ${instance.name}`, value: callsPerSecond, unit: 'calls/s' },
      { name: `Calls measured on ${instance.name}`, value: calls },
      { name: `Start on ${instance.name}`, value: Math.round(result.startMs), unit: 'ms' },
      { name: `Sandbox on ${instance.name}`, value: result.sandbox },
    );
    await context.log(
      `version ${v.number} on ${instance.name}: p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${callsPerSecond} calls/s`,
    );
    return result.measured;
  }

  /** What a visitor's first try on the product page will send. */
  async function tryListed(
    v: SubmittedVersion,
    instance: TrialInstanceType,
    context: StageContext,
    findings: Finding[],
  ): Promise<void> {
    if (!hasNoErrors(findings)) return;
    for (const { pointer, body, ...sample } of await listedSamples(v, needs)) {
      if (body === null) {
        await context.log(`version ${v.number}: the sample file at ${pointer} is no text and was not sent`);
        continue;
      }
      const { answer } = await needs.trial(
        { name: v.resource.name, servable: v.resource.served },
        instance,
        { ...sample, body },
        context.signal,
      );
      await context.log(
        `version ${v.number}: the listing’s sample is answered with ${answer.status} (${sample.contentType})`,
      );
      if (answer.status !== 200)
        findings.push(listedRefused(pointer, answer.status, answer.body.toString('utf8')));
    }
  }
}

/** The recommended types, real time first (it becomes the deployment's); without any, the first supported one that is enabled. */
function instancesFor(v: SubmittedVersion, known: readonly TrialInstanceType[]): TrialInstanceType[] {
  const { realtime, batch } = v.details.recommendedInstanceTypes ?? {};
  const find = (names: readonly (string | undefined)[]) =>
    [...new Set(names)].flatMap((name) => known.filter((i) => i.name === name));
  const recommended = find([realtime, batch]);
  if (realtime && recommended.length > 0) return recommended;
  const supported = find(v.resource.inferenceSpecification.supportedRealtimeInferenceInstanceTypes);
  return [...new Set([...supported.slice(0, 1), ...recommended])];
}

/** The sample training was a condition of being registered: the same bytes, the same sample, the same sandbox. */
function trainingEvidence({ resource: { training } }: SubmittedVersion): Evidence[] {
  if (!training) return [];
  const { trial } = training;
  return [
    { name: `Sample training on ${trial.instanceType}`, value: trial.trainedInMs, unit: 'ms' },
    { name: 'Trained at', value: trial.trainedAt },
    { name: 'Memory of the sample training', value: trial.memoryPeakBytes, unit: 'bytes' },
    ...trial.metrics.map((m) => ({ name: `Metric ${m.name}`, value: m.last })),
    { name: 'Digest of the trained model', value: trial.model.sha256 },
    { name: 'Sandbox of the sample training', value: trial.sandbox },
  ];
}

const noInstance = (v: SubmittedVersion) =>
  finding({
    rule: 'trial-run',
    code: 'trial.no_instance_type',
    severity: 'error',
    pointer: `${v.pointer}/recommendedInstanceTypes/realtime`,
    message: `None of the instance types that version ${v.number} supports is enabled in this marketplace.`,
    remedy:
      'Register the model package with instance types of this marketplace (`souk instance-types list`).',
  });

const listedRefused = (pointer: string, status: number, text: string) =>
  finding({
    rule: 'trial-run',
    code: 'trial.listing_sample_refused',
    severity: 'error',
    pointer,
    message: `The model answered the listing’s sample input with ${status}: ${text.slice(0, 500)}`,
    remedy: 'Correct the sample: it is what buyers see, paste and try first.',
  });

const answered = (v: SubmittedVersion, instance: TrialInstanceType, status: number, text: string) =>
  finding({
    rule: 'trial-run',
    code: 'trial.sample_refused',
    severity: 'error',
    pointer: v.arnPointer,
    message: `On ${instance.name} the model answered the validation profile’s sample with ${status}: ${text.slice(0, 500)}`,
    remedy: 'Correct the sample input or the model; `souk serve-model` runs the same server on your desk.',
  });
