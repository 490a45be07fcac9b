import {
  type ConnectionStep,
  connectionSteps,
  type Finding,
  finding,
  type PublicOperation,
  ServiceFailure,
  type ServiceSection,
} from '@souk/contract';
import { type Outbound, OutboundError, type OutboundStep } from '../../platform/outbound.ts';
import { compilePattern } from './services.arguments.ts';
import { answerSizeBytesMax, callOperation, publicOperation, serviceTimeoutMs } from './services.call.ts';
import { compileJsonPath } from './services.json.ts';
import { readMetadata } from './services.metadata.ts';
import { fetchOver } from './services.outbound.ts';
import { signedIn } from './services.request.ts';
import { checkXPath } from './services.xml.ts';

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

type Step = (typeof connectionSteps)[number];
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

/** What a step found wrong. */
class Failed extends Error {
  readonly code: string;
  readonly pointer: string;
  readonly remedy: string;
  constructor(code: string, pointer: string, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.pointer = pointer;
    this.remedy = remedy;
  }
}

export interface ConnectionOptions {
  readonly outbound: Outbound;
  readonly credential: string | null;
  /** Why there is no credential to send though one is needed. */
  readonly credentialProblem?: { readonly message: string; readonly remedy: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

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
    await step('sample', async () => {
      sampled = service.isOData
        ? await sampleOData(service, options)
        : await sampleOperation(service, options);
      return sampled.detail;
    });
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
    ok: findings.length === 0,
    steps,
    findings,
    operations,
    rows: sampled.rows,
    absent: sampled.absent,
    sampleMs: sampled.ms,
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

async function ask(
  service: ServiceSection,
  { outbound, credential }: ConnectionOptions,
  path: string,
  accept: string,
  onTheWay: (steps: readonly OutboundStep[]) => void,
): Promise<Answer> {
  const root = service.url ?? '';
  if (!URL.canParse(root))
    throw new Failed(
      'connection.url',
      '/service/url',
      'There is no service URL to call.',
      'Give it under Service.',
    );
  const url = path === '' ? root : `${root.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  const request = signedIn({ url, method: 'GET', headers: { accept }, body: undefined }, service, credential);
  try {
    const answer = await outbound.request({
      url: request.url,
      headers: request.headers,
      timeoutMs: service.timeoutMs ?? serviceTimeoutMs,
      redirectsMax: 0,
      bodySizeBytesMax: answerSizeBytesMax,
      headerSizeBytesMax: 64 * 1024,
    });
    onTheWay(answer.steps);
    if (answer.status >= 300 && answer.status < 400)
      throw new Failed(
        'connection.redirected',
        '/service/url',
        `The service answers with a redirect (${answer.status}), which is not followed: credentials and buyers’ data would go elsewhere.`,
        'Give the address at which the redirects end.',
      );
    return {
      status: answer.status,
      text: answer.body.toString('utf8'),
      contentType: String(answer.headers['content-type'] ?? ''),
    };
  } catch (error) {
    if (error instanceof OutboundError) onTheWay(error.steps);
    throw error;
  }
}

function requireAccepted({ authentication: a }: ServiceSection, status: number): void {
  if (status !== 401 && status !== 403) return;
  if (!a || a.scheme === 'none')
    throw new Failed(
      'connection.credentials_needed',
      '/service/authentication/scheme',
      `The service answered ${status}: it wants credentials, and the scheme is None.`,
      'Choose the authentication scheme of the service and give its credential.',
    );
  throw new Failed(
    'connection.credentials_refused',
    '/service/authentication/credentialId',
    status === 401
      ? 'The service answered 401: it does not accept these credentials.'
      : 'The service answered 403: it knows these credentials, and does not let them in.',
    a.scheme === 'header'
      ? 'Give the whole header value again; most services want "Bearer", a blank and the key.'
      : 'Check the name of the parameter or the user, and give the credential again.',
  );
}

function metadataOf(answer: Answer): PublicOperation[] {
  const remedy =
    'Give the address of the service document as the service URL, or take the mark from "This service is OData".';
  if (answer.status !== 200)
    throw new Failed(
      'connection.metadata_missing',
      '/service/url',
      `$metadata answered ${answer.status}.`,
      remedy,
    );
  try {
    return readMetadata(answer.text);
  } catch (error) {
    throw new Failed(
      'connection.metadata_unreadable',
      '/service/isOData',
      `What $metadata answers (${answer.contentType.slice(0, 60) || 'no content type'}) cannot be read: ${(error as Error).message.split('\n')[0]?.slice(0, 300)}.`,
      remedy,
    );
  }
}

/** Patterns and paths, by the engines that will run them. */
function describedOperations({ operations = [] }: ServiceSection): string {
  operations.forEach((o, i) => {
    const at = `/service/operations/${i}`;
    const tried = (pointer: string, what: string, work: () => unknown) => {
      try {
        work();
      } catch (error) {
        throw new Failed(
          'connection.operation_unreadable',
          `${at}${pointer}`,
          `${o.name}: ${what} cannot be read: ${(error as Error).message.split('\n')[0]?.slice(0, 200)}.`,
          'Correct it; the reference of the form is in docs/publishing/web-services.md.',
        );
      }
    };
    o.parameters.forEach((p, k) => {
      if (p.pattern !== undefined)
        tried(`/parameters/${k}/pattern`, `the pattern of ${p.name}`, () => compilePattern(p.pattern ?? ''));
    });
    const { format, rows, namespaces = [], errors = [] } = o.response;
    const path = (pointer: string, text: string | undefined) => {
      if (text === undefined || format === 'csv') return;
      if (format === 'xml') tried(pointer, `the XPath ${text}`, () => checkXPath(text, namespaces));
      else if (text.startsWith('$')) tried(pointer, `the JSONPath ${text}`, () => compileJsonPath(text));
    };
    path('/response/rows', rows);
    o.columns.forEach((c, k) => {
      path(`/columns/${k}/path`, c.path);
    });
    errors.forEach((e, k) => {
      path(`/response/errors/${k}/match`, e.match);
    });
  });
  return operations
    .map((o) => o.name)
    .join(', ')
    .slice(0, 300);
}

interface Sampled {
  readonly rows: Record<string, unknown>[];
  readonly absent: readonly string[];
  readonly ms: number | null;
  readonly detail: string;
}

/** Sends the sample once; what is wrong with the answer is thrown as what to mend. */
export async function sampleOperation(service: ServiceSection, options: ConnectionOptions): Promise<Sampled> {
  const operation = service.operations?.find((o) => o.name === service.sample?.operation);
  if (!service.sample || !operation)
    throw new Failed(
      'connection.sample_missing',
      '/service/sample',
      'There is no sample call.',
      'Choose an operation and give its arguments.',
    );
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

export async function sampleOData(service: ServiceSection, options: ConnectionOptions): Promise<Sampled> {
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

const placeOfFault: Readonly<Record<string, Step>> = {
  'outbound.unresolved': 'resolved',
  'outbound.address_refused': 'allowed',
  'outbound.tls': 'tls',
};
const samplePlaces: Readonly<Record<string, string>> = {
  'service.credentials_refused': '/service/authentication/credentialId',
  'service.answer_unreadable': '/service/operations',
};

function asFailed(error: unknown, step: Step): { at: Step; failed: Failed } {
  if (error instanceof Failed)
    return { at: error.code === 'connection.credential_missing' ? 'credentials' : step, failed: error };
  if (error instanceof OutboundError) {
    const { code, message, remedy } = error;
    return {
      at: step === 'sample' ? step : (placeOfFault[code] ?? step),
      failed: new Failed(`connection.${code.slice('outbound.'.length)}`, '/service/url', message, remedy),
    };
  }
  if (!(error instanceof ServiceFailure)) throw error;
  return {
    at: step,
    failed: new Failed(
      `connection.sample_${error.code.slice('service.'.length)}`,
      samplePlaces[error.code] ?? '/service/sample',
      `The sample call: ${error.message}`,
      error.code === 'service.answer_unreadable'
        ? 'Correct the format, the place of the rows or the columns of the operation.'
        : 'Correct the sample’s arguments or the request of the operation.',
    ),
  };
}
