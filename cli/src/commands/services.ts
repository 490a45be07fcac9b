import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ConnectionTest, operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { ownProduct } from '../products/own-product.ts';
import { readPassword } from '../prompt.ts';

const productNote =
  'A product is named by slug or id; without a name it is the one of the souk.yaml in this folder.';

export function serviceCommands(program: Command, app: App): void {
  const services = group(
    program,
    'services',
    'Web services that you sell: credentials, Test Connection, imports',
  );

  leaf(services, 'credential [product]', 'Give what Souk signs in with at the service', {
    examples: [
      'souk services credential price-estimator',
      'printf "Bearer %s" "$KEY" | souk services credential price-estimator --stdin',
    ],
    notes: `${productNote} For a header it is the whole value, such as "Bearer" and the key. It is asked for without echo or read from stdin, never an argument; it is sealed, sent to the server of the service URL only, and never shown again. Given again, it takes effect at once, in what is live too, unless --draft-only.`,
  })
    .option('--stdin', 'read it from stdin')
    .option('--draft-only', 'what is live keeps its own until the draft is released')
    .action(async (name: string | undefined, options: { stdin?: boolean; draftOnly?: boolean }) => {
      const client = await app.client();
      const { id, slug } = await ownProduct(app, name);
      const secret = await readPassword(app.host, options.stdin === true, 'Credential');
      const made = await client.call(operations.putServiceCredential, {
        params: { productId: id },
        body: given({ secret, draftOnly: options.draftOnly }),
      });
      app.output.done(`Sealed. Souk signs in with it at ${made.origin} for ${slug}.`);
    });

  leaf(services, 'test [product]', 'Test Connection: call the service of the draft, step by step', {
    examples: ['souk services test price-estimator', 'souk services test --json'],
    notes: `${productNote} Ends with a failure when a step failed.`,
  }).action(async (name: string | undefined) => {
    const client = await app.client();
    const { id } = await ownProduct(app, name);
    show(app, await client.call(operations.testConnection, { params: { productId: id } }));
  });

  leaf(services, 'import <file>', 'Operations from OpenAPI 3, Swagger 2 or a CSDL mapping', {
    examples: [
      'souk services import openapi.yaml --product price-estimator',
      'souk services import mapping.xml --product price-estimator --save',
    ],
    notes:
      'Shows what is read, and what is left out and why. With --save the operations take the place of those of the draft.',
  })
    .option('--product <product>', 'whose; else that of the souk.yaml in this folder')
    .option('--save', 'put the operations into the draft')
    .option('--out <file>', 'write the operations there, as JSON')
    .action((file: string, options: ImportOptions) => importFile(app, file, options));
}

interface ImportOptions {
  product?: string;
  save?: boolean;
  out?: string;
}

async function importFile(app: App, file: string, { product, save, out }: ImportOptions): Promise<void> {
  const client = await app.client();
  const { id, slug } = await ownProduct(app, product);
  const params = { productId: id };
  const text = readFileSync(resolve(app.host.cwd, file), 'utf8');
  const read = await client.call(operations.importService, { params, body: { text } });
  if (out !== undefined)
    writeFileSync(resolve(app.host.cwd, out), `${JSON.stringify(read.operations, null, 2)}\n`);
  app.output.list(
    read.operations,
    [
      { title: 'OPERATION', value: (o) => o.name },
      { title: 'ASKS', value: (o) => `${o.request.method} ${o.request.path}`, flexible: true },
      { title: 'PARAMETERS', value: (o) => String(o.parameters.length) },
      { title: 'COLUMNS', value: (o) => String(o.columns.length) },
    ],
    'No operation could be read.',
  );
  for (const note of read.notes)
    app.output.note(note.place ? `${note.place}: ${note.message}` : note.message);
  if (!save) return;
  if (read.operations.length === 0) throw misuse('No operation could be read.', 'See the notes.');
  const { version, document } = await client.call(operations.getDraft, { params });
  const before = document.service ?? {};
  await client.call(operations.putDraft, {
    params,
    body: {
      version,
      document: {
        ...document,
        service: given({
          ...before,
          url: before.url ?? read.url ?? undefined,
          isOData: false,
          operations: read.operations,
        }),
      },
    },
  });
  app.output.done(`Put ${read.operations.length} operations into the draft of ${slug}.`);
}

const shapes = { ok: 'ok', failed: 'FAILED', 'not-run': 'not run' } as const;

function show(app: App, test: ConnectionTest): void {
  if (app.output.json) app.output.line(JSON.stringify(test));
  else
    app.output.list(
      test.steps,
      [
        { title: 'STEP', value: (s) => s.title },
        { title: 'RESULT', value: (s) => shapes[s.state] },
        { title: 'MS', value: (s) => (s.ms === null ? '' : String(s.ms)) },
        { title: 'WHAT WAS SEEN', value: (s) => s.detail, flexible: true },
      ],
      'No step was run.',
    );
  if (test.ok && !app.output.json) app.output.findings(test.findings);
  if (!test.ok)
    throw new Failure({
      kind: 'refused',
      code: test.findings[0]?.code ?? 'connection.failed',
      message: 'The service could not be called as described.',
      remedy: 'Mend what the findings say, then run souk services test again.',
      findings: test.findings,
    });
}
