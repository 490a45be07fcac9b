import {
  type Finding,
  finding,
  type MeasuredLatency,
  ServiceFailure,
  type ServiceSection,
} from '@souk/contract';
import type { Clock } from '../../platform/clock.ts';
import { OutboundError } from '../../platform/outbound.ts';
import type { ConnectionOptions } from './services.connection.ask.ts';
import { callSample } from './services.connection.sample.ts';

export interface ServiceTrial {
  readonly findings: Finding[];
  readonly measured: MeasuredLatency;
  readonly calls: number;
}

const callsWanted = 8;

/** Sends the sample several times: every call must answer rows of the same form, and the time of each is measured. */
export async function tryService(
  service: ServiceSection,
  options: ConnectionOptions,
  clock: Clock,
): Promise<ServiceTrial> {
  const findings: Finding[] = [];
  const times: number[] = [];
  let form: string | undefined;
  const say = (code: string, pointer: string, message: string, remedy: string) =>
    findings.push(
      finding({ rule: 'trial-run', code: `trial.${code}`, severity: 'error', pointer, message, remedy }),
    );
  const began = performance.now();
  for (let call = 1; call <= callsWanted && findings.length === 0; call++) {
    options.signal?.throwIfAborted();
    try {
      const { rows, absent, ms } = await callSample(service, options);
      times.push(ms ?? 0);
      const [first] = rows;
      if (!first)
        say(
          'service_no_rows',
          '/service/sample',
          'The sample call is answered with no rows.',
          'Choose a sample that shows buyers what they get.',
        );
      else if (absent.length > 0)
        say(
          'service_columns_missing',
          '/service/operations',
          `No row of the sample’s answer has ${absent.join(', ')}.`,
          'Correct where the column is (path), or remove it.',
        );
      else {
        const columns = Object.keys(first).toSorted().join(', ');
        if (form !== undefined && form !== columns)
          say(
            'service_form_changes',
            '/service/sample',
            `Call ${call} was answered with the columns ${columns}, the calls before with ${form}.`,
            'Have the service answer the same columns for the same call.',
          );
        form = columns;
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (
        !(
          error instanceof OutboundError ||
          error instanceof ServiceFailure ||
          (error instanceof Error && 'remedy' in error)
        )
      )
        throw error;
      say(
        'service_call_failed',
        '/service/sample',
        `Call ${call} of ${callsWanted} failed: ${error.message}`,
        'Buyers would meet this too: look at the log of the service.',
      );
    }
  }
  return { findings, measured: measuredOf(times, performance.now() - began, clock), calls: times.length };
}

const bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 60_000];

function measuredOf(times: readonly number[], totalMs: number, clock: Clock): MeasuredLatency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  let before = 0;
  return {
    // Where a service runs is its publisher's affair.
    instanceType: 'service',
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    callsPerSecond: totalMs > 0 ? Math.round((times.length / totalMs) * 10_000) / 10 : 0,
    calls: times.length,
    histogram: bounds.flatMap((upToMs) => {
      const count = sorted.filter((t) => t > before && t <= upToMs).length;
      before = upToMs;
      return count > 0 ? [{ upToMs, count }] : [];
    }),
    measuredAt: clock.now().toISOString(),
  };
}
