import type { Evidence, ServiceSection } from '@souk/contract';
import type { SubmissionRow } from '../publishing.ts';
import type { StageNeeds } from './needs.ts';
import type { Stage } from './stage.ts';
import type { TrialOutput } from './trial-run.ts';

const sectionOf = (s: SubmissionRow): ServiceSection => s.document.service ?? {};

/** How it is asked and what it answers; prices and texts call no service again, a credential that was given anew does. */
const described = async (s: SubmissionRow, needs: StageNeeds) => ({
  service: sectionOf(s),
  credential: await needs.serviceCredentialMadeAt(s.productId, sectionOf(s)),
});

const sampleCharsMax = 20_000;
/** The first rows of the sample's answer: buyers see them before they may call. As many as a page can show. */
const shownRows = (rows: readonly Record<string, unknown>[]) => {
  let chars = 0;
  return rows.filter((row) => {
    chars += JSON.stringify(row).length;
    return chars <= sampleCharsMax;
  });
};

/** Test Connection, of the revision that was submitted. */
export const connection = (needs: StageNeeds): Stage => ({
  reads: (s) => described(s, needs),
  async run({ submission: s, signal, log }) {
    const { ok, steps, findings, operations, rows } = await needs.connectService(
      s.productId,
      sectionOf(s),
      signal,
    );
    const evidence: Evidence[] = [];
    for (const step of steps) {
      await log(
        `${step.title}: ${step.state}${step.ms === null ? '' : `, ${step.ms} ms`}${step.detail ? ` (${step.detail})` : ''}`,
      );
      if (step.state === 'ok') evidence.push({ name: step.title, value: step.detail.slice(0, 200) || 'ok' });
    }
    return ok
      ? {
          kind: 'passed',
          summary: 'The service was reached and answered the sample call.',
          findings,
          evidence,
          output: { operations, sampleRows: shownRows(rows) },
        }
      : { kind: 'refused', summary: 'The service could not be called as described.', findings, evidence };
  },
});

/** Sends the sample several times, as buyers will. */
export const serviceTrialRun = (needs: StageNeeds): Stage => ({
  reads: (s) => described(s, needs),
  async run({ submission: s, signal, log }) {
    const { findings, measured, calls } = await needs.tryService(s.productId, sectionOf(s), signal);
    await log(`${calls} calls of the sample: p50 ${measured.p50Ms} ms, p99 ${measured.p99Ms} ms`);
    const evidence: Evidence[] = [
      { name: 'p50', value: measured.p50Ms, unit: 'ms' },
      { name: 'p99', value: measured.p99Ms, unit: 'ms' },
      { name: 'Calls measured', value: calls },
    ];
    if (findings.length > 0)
      return { kind: 'refused', summary: 'The service did not answer as described.', findings, evidence };
    const output: TrialOutput = {
      versions: { v1: { measured: [measured], evidence, instanceType: '', backend: '' } },
    };
    return {
      kind: 'passed',
      summary: 'Every call was answered in the form that was described.',
      findings,
      evidence,
      output: { ...output },
    };
  },
});
