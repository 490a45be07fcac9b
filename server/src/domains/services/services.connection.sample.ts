import { ServiceFailure, type ServiceSection } from '@souk/contract';
import { OutboundError } from '../../platform/outbound.ts';
import { answerSizeBytesMax, callOperation, serviceTimeoutMs } from './services.call.ts';
import { ask, type ConnectionOptions, requireAccepted, rootOf } from './services.connection.ask.ts';
import { Failed } from './services.connection.failed.ts';
import { fetchOver } from './services.outbound.ts';

export interface Sampled {
  readonly rows: Record<string, unknown>[];
  readonly absent: readonly string[];
  readonly ms: number | null;
  readonly detail: string;
}

/** Sends the sample once; what is wrong with the answer is thrown as what to mend. */
export const callSample = (service: ServiceSection, options: ConnectionOptions): Promise<Sampled> =>
  service.isOData ? sampleOData(service, options) : sampleOperation(service, options);

/** Whether the sample is answered without the credential too: then whoever knows the address has the data without a subscription. */
export async function answersAnybody(service: ServiceSection, options: ConnectionOptions): Promise<boolean> {
  if ((service.authentication?.scheme ?? 'none') === 'none') return false;
  try {
    return (await callSample(service, { ...options, credential: null })).rows.length > 0;
  } catch (error) {
    if (error instanceof Failed || error instanceof OutboundError || error instanceof ServiceFailure)
      return false;
    throw error;
  }
}

async function sampleOperation(service: ServiceSection, options: ConnectionOptions): Promise<Sampled> {
  const operation = service.operations?.find((o) => o.name === service.sample?.operation);
  if (!service.sample || !operation)
    throw new Failed(
      'connection.sample_missing',
      '/service/sample',
      'There is no sample call.',
      'Choose an operation and give its arguments.',
    );
  rootOf(service);
  const began = performance.now();
  const problem: { outbound?: OutboundError } = {};
  const fetch = fetchOver(options.outbound, service.timeoutMs ?? serviceTimeoutMs, answerSizeBytesMax);
  try {
    const { rows, absent } = await callOperation(service, operation, service.sample.arguments ?? {}, {
      credential: options.credential,
      signal: options.signal,
      buyerId: 'souk-test',
      fetch: async (url, init) => {
        try {
          return await fetch(url, init);
        } catch (error) {
          if (error instanceof OutboundError) problem.outbound = error;
          throw error;
        }
      },
    });
    const ms = Math.round((performance.now() - began) * 10) / 10;
    return {
      rows: rows.slice(0, 5),
      absent,
      ms,
      detail: said(rows.length, operation.columns.length - absent.length),
    };
  } catch (error) {
    if (problem.outbound) throw problem.outbound;
    throw error;
  }
}

const said = (rows: number, columns: number) =>
  `${rows === 1 ? '1 row' : `${rows} rows`}, ${columns} columns`;

async function sampleOData(service: ServiceSection, options: ConnectionOptions): Promise<Sampled> {
  const path = service.sample?.operation;
  if (!path)
    throw new Failed(
      'connection.sample_missing',
      '/service/sample',
      'There is no sample call.',
      'Give a path with its query under the root of the service.',
    );
  const began = performance.now();
  const answer = await ask(service, options, path, 'application/json', () => {});
  const ms = Math.round((performance.now() - began) * 10) / 10;
  const at = '/service/sample/operation';
  requireAccepted(service, answer.status);
  if (answer.status !== 200)
    throw new Failed(
      'connection.sample_refused',
      at,
      `The sample ${path.slice(0, 200)} was answered with ${answer.status}.`,
      'Correct the path or its values: texts stand in single quotes, numbers do not.',
    );
  let body: unknown;
  try {
    body = JSON.parse(answer.text);
  } catch {
    throw new Failed(
      'connection.sample_unreadable',
      at,
      `The sample was answered with ${answer.contentType.slice(0, 60) || 'something'} that is not JSON.`,
      'Have the service answer JSON when it is asked for it (Accept: application/json).',
    );
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body) || 'error' in body)
    throw new Failed(
      'connection.sample_unreadable',
      at,
      'The sample’s answer is no OData answer: an object with rows in "value", or one entity.',
      'Take the mark from "This service is OData" if it does not speak it.',
    );
  const value = (body as { value?: unknown }).value;
  const rows = (Array.isArray(value) ? value : [body]).map((r) =>
    typeof r === 'object' && r !== null
      ? Object.fromEntries(Object.entries(r).filter(([name]) => !name.includes('@odata.')))
      : { value: r as unknown },
  );
  return {
    rows: rows.slice(0, 5),
    absent: [],
    ms,
    detail: said(rows.length, Object.keys(rows[0] ?? {}).length),
  };
}
