import { type ErrorCode, errorDefinition, errorRegistry } from '@souk/contract';
import type { Command } from 'commander';
import { type App, productAddress } from '../app.ts';
import { failureFrom, kindOf } from '../client-errors.ts';
import { leaf } from '../command.ts';
import { Failure } from '../failure.ts';
import { readInput } from '../input.ts';
import { duration } from '../output/format.ts';
import { printable } from '../output/table.ts';
import { sampleOf } from './catalog.ts';

export function callCommand(program: Command, app: App): void {
  leaf(program, 'call <product>', 'Call a product you are subscribed to', {
    examples: [
      'souk call souk-examples/iris-classifier',
      'souk call souk-examples/iris-classifier --data @flowers.csv --accept text/csv',
      'cat flowers.json | souk call souk-examples/iris-classifier --data - --version 1.1.0',
    ],
    notes:
      'Goes through the gateway and is metered. The answer goes to stdout as it comes; with --json, one line with status,\n' +
      'contentType, durationMs, requestId and body. Without --data, the sample input of the product page.',
  })
    .option('--data <input>', 'text, @file, or - for stdin')
    .option('--content-type <type>', 'of the input; else by the file’s ending or the look of the text')
    .option('--accept <type>', 'content type of the answer')
    .option('--version <number>', 'else the one your subscription has chosen')
    .option(
      '--path <path>',
      'another path of the model server, such as /v2/models/<name>/infer',
      '/invocations',
    )
    .action((name: string, options: CallOptions) => call(app, name, options));
}

interface CallOptions {
  data?: string;
  contentType?: string;
  accept?: string;
  version?: string;
  path: string;
}

async function call(app: App, name: string, options: CallOptions): Promise<void> {
  const { output } = app;
  const client = await app.client();
  const { publisher, product } = productAddress(name);
  const input = await readInput(app, options, () => sampleOf(app, name, options));
  const version = options.version ? `@${options.version}` : '';
  const path = `/call/${publisher}/${product}${version}/${options.path.replace(/^\//, '')}`;
  const startedAt = performance.now();
  const response = await client.send(
    path,
    {
      method: 'POST',
      headers: { 'content-type': input.contentType, accept: options.accept ?? '*/*' },
      body: input.body as Uint8Array<ArrayBuffer>,
    },
    callTimeoutMs,
  );
  const body = Buffer.from(await response.arrayBuffer());
  const durationMs = performance.now() - startedAt;
  const contentType = response.headers.get('content-type') ?? '';
  const requestId = response.headers.get('x-request-id');
  if (!response.ok) throw refusal(response, body.toString('utf8'), client.hasCredential);
  if (output.json) {
    output.line(
      JSON.stringify({
        status: response.status,
        contentType,
        durationMs: Math.round(durationMs * 100) / 100,
        requestId,
        version: response.headers.get('x-souk-version') ?? options.version ?? null,
        body: body.toString('utf8'),
      }),
    );
    return;
  }
  if (app.host.stdout.isTTY) output.raw(`${printable(body.toString('utf8')).trimEnd()}\n`);
  else output.raw(body);
  output.note(`${response.status} ${contentType}, ${duration(durationMs)}`);
}

/** The gateway lets a model answer for as long as a real-time call may take; we wait a little longer. */
const callTimeoutMs = 90_000;

/** Either Souk's own error, in the form of the protocol that was called, or what the model itself answered. */
export function refusal(response: Response, text: string, hasKey: boolean): Failure {
  const requestId = response.headers.get('x-request-id');
  const failure = failureFrom(response.status, text, requestId, hasKey);
  if (!failure.code.startsWith('http.')) return failure;
  const said = messageIn(text) || text.trim().slice(0, 2000) || 'nothing';
  const code = response.headers.get('x-souk-error') ?? '';
  if (code in errorRegistry) {
    const { kind, remedy } = errorDefinition(code as ErrorCode);
    return new Failure({ kind, code, message: said, remedy, requestId });
  }
  return new Failure({
    kind: kindOf(response.status),
    code: `http.${response.status}`,
    message: `The model answered ${response.status}: ${said}`,
    remedy: 'Compare your input with the sample: souk show <product> tells what it takes.',
    requestId,
  });
}

/** Model servers of the Open Inference Protocol answer {"error": "..."}. */
function messageIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
