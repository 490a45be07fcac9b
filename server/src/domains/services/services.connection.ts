import {
  type ConnectionStep,
  connectionSteps,
  type Finding,
  finding,
  type PublicOperation,
  type ServiceSection,
} from '@souk/contract';
import type { OutboundStep } from '../../platform/outbound.ts';
import { publicOperation } from './services.call.ts';
import { type Answer, ask, type ConnectionOptions, requireAccepted } from './services.connection.ask.ts';
import { asFailed, Failed, type Step } from './services.connection.failed.ts';
import { describedOperations, metadataOf } from './services.connection.operations.ts';
import { answersAnybody, callSample, type Sampled } from './services.connection.sample.ts';

export interface Connection {
  readonly ok: boolean;
  readonly steps: ConnectionStep[];
  readonly findings: Finding[];
  readonly operations: PublicOperation[];
  readonly rows: Record<string, unknown>[];
  /** Columns that are described, and that no row had. */
  readonly absent: readonly string[];
  readonly sampleMs: number | null;
}

const titles: Readonly<Record<Step, string>> = {
  resolved: 'Name resolved',
  allowed: 'Address allowed',
  connected: 'Connected',
  tls: 'TLS',
  credentials: 'Credentials accepted',
  metadata: 'Metadata readable',
  operations: 'Operations readable',
  sample: 'Sample call answered',
};

const openToAll = finding({
  rule: 'connection',
  code: 'connection.open_to_all',
  severity: 'warning',
  pointer: '/service/authentication',
  message:
    'The sample call is answered without the credential too: whoever knows the address has the data without a subscription.',
  remedy:
    'Have the service refuse calls without the credential, or choose None if it is open to all on purpose.',
});

/**
 * Calls a service as buyers' calls will, and notes each step with how long it took and, where it failed, what to mend. After the first
 * that fails the others are not run: what they would say follows from it.
 */
export async function testConnection(
  service: ServiceSection,
  options: ConnectionOptions,
): Promise<Connection> {
  const wanted = connectionSteps.filter((s) => s !== (service.isOData ? 'operations' : 'metadata'));
  const done = new Map<Step, Omit<ConnectionStep, 'step' | 'title'>>();
  const findings: Finding[] = [];
  let operations: PublicOperation[] = service.isOData ? [] : (service.operations ?? []).map(publicOperation);
  let sampled: Sampled = { rows: [], absent: [], ms: null, detail: '' };

  const ok = (step: Step, ms: number | null, detail: string) =>
    done.set(step, { state: 'ok', ms, detail, remedy: null });
  const since = (began: number) => Math.round((performance.now() - began) * 10) / 10;
  /** Runs one step; false ends the test. */
  async function step(name: Step, work: () => Promise<string>): Promise<boolean> {
    const began = performance.now();
    try {
      const detail = await work();
      // What the outbound client told of the way is more exact.
      if (!done.has(name)) ok(name, since(began), detail);
      return true;
    } catch (error) {
      const { at, failed } = asFailed(error, name);
      done.set(at, { state: 'failed', ms: since(began), detail: failed.message, remedy: failed.remedy });
      findings.push(
        finding({
          rule: 'connection',
          code: failed.code,
          severity: 'error',
          pointer: failed.pointer,
          message: failed.message,
          remedy: failed.remedy,
        }),
      );
      return false;
    }
  }
  /** What the outbound client told about the way there. */
  const onTheWay = (steps: readonly OutboundStep[]) => {
    for (const s of steps)
      if (s.step !== 'status' && !done.has(s.step)) {
        if (s.ok) ok(s.step, s.ms, s.detail);
      }
  };

  async function run(): Promise<void> {
    let root: Answer | undefined;
    const reached = await step('connected', async () => {
      if (options.credentialProblem)
        throw new Failed(
          'connection.credential_missing',
          '/service/authentication/credentialId',
          options.credentialProblem.message,
          options.credentialProblem.remedy,
        );
      root = await ask(service, options, service.isOData ? '$metadata' : '', 'application/xml', onTheWay);
      return done.get('connected')?.detail ?? '';
    });
    if (!reached || !root) return;
    const answer = root;
    if (!service.url?.startsWith('https:'))
      done.set('tls', {
        state: 'not-run',
        ms: null,
        detail: 'The service is called without TLS, as the operator allows here.',
        remedy: null,
      });
    if (
      !(await step('credentials', async () => {
        requireAccepted(service, answer.status);
        return service.authentication?.scheme === 'none'
          ? 'None are needed.'
          : `The service answered ${answer.status}.`;
      }))
    )
      return;
    if (service.isOData) {
      const read = await step('metadata', async () => {
        operations = metadataOf(answer);
        return `${operations.length} functions, actions and entity sets`;
      });
      if (!read) return;
    } else if (!(await step('operations', async () => describedOperations(service)))) return;
    const answered = await step('sample', async () => {
      sampled = await callSample(service, options);
      return sampled.detail;
    });
    if (answered && options.tryWithout && (await answersAnybody(service, options))) findings.push(openToAll);
  }
  await run();
  // Reaching it is one request: where that failed, the steps before it were told on the way.
  const steps = wanted.map(
    (s): ConnectionStep => ({
      step: s,
      title: titles[s],
      ...(done.get(s) ?? { state: 'not-run', ms: null, detail: '', remedy: null }),
    }),
  );
  return {
    ok: findings.every((f) => f.severity !== 'error'),
    steps,
    findings,
    operations,
    rows: sampled.rows,
    absent: sampled.absent,
    sampleMs: sampled.ms,
  };
}
