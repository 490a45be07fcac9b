import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  BankDetails,
  bankFindings,
  type Finding,
  finding,
  operations,
  type PayoutDetails,
  type PublisherStanding,
  type TaxDetails,
  TaxInterview,
  taxFindings,
} from '@souk/contract';
import type { Command } from 'commander';
import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { LineCounter, parseDocument } from 'yaml';
import type { App } from '../app.ts';
import { group, leaf } from '../command.ts';
import { PointerLines } from '../document/pointer-lines.ts';
import { Failure } from '../failure.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';

/** What a publisher needs beyond a profile before it can be paid. */
export function verificationCommands(publisher: Command, app: App): void {
  leaf(publisher, 'status', 'Verification, taxes, bank, and what is still missing for a paid plan', {
    examples: ['souk publisher status'],
  }).action(async () => {
    const client = await app.client();
    showStanding(app, await client.call(operations.getPublisherStanding));
  });
  leaf(publisher, 'verify', 'Ask the operator to verify you, or answer what it asked', {
    examples: ['souk publisher verify --message "We are in the register of Berlin, HRB 1234."'],
    notes: 'Needs a description and a contact e-mail in the profile. The answer comes by mail.',
  })
    .option('--message <text>', 'what helps the operator to make sure', '')
    .action(async ({ message }: { message: string }) => {
      const client = await app.client();
      showStanding(app, await client.call(operations.requestVerification, { body: { message } }));
    });

  const tax = group(publisher, 'tax', 'The tax interview: W-9, W-8BEN or W-8BEN-E by your answers');
  leaf(tax, 'show', 'As it was given, numbers masked', { examples: ['souk publisher tax show'] }).action(
    async () => {
      const client = await app.client();
      showTax(app, await client.call(operations.getTaxDetails));
    },
  );
  leaf(tax, 'set <file>', 'Give it from a YAML or JSON file, - for stdin', {
    examples: ['souk publisher tax set tax-interview.yaml', 'souk publisher tax set interview.json --check'],
    notes:
      'examples/becoming-a-publisher/tax-interview.yaml is one to begin with. Without a date it is signed today. Only paid plans need it.',
  })
    .option('--check', 'say what is missing or wrong, and send nothing')
    .action((file: string, { check }: { check?: boolean }) => setTax(app, file, check ?? false));

  const bank = group(publisher, 'bank', 'Where payouts go');
  leaf(bank, 'show', 'As it was given, numbers masked', { examples: ['souk publisher bank show'] }).action(
    async () => {
      const client = await app.client();
      showBank(app, await client.call(operations.getPayoutDetails));
    },
  );
  leaf(bank, 'set <file>', 'Give it from a YAML or JSON file, - for stdin', {
    examples: ['souk publisher bank set bank-details.yaml'],
    notes:
      'examples/becoming-a-publisher/bank-details.yaml is one to begin with. A change is verified again before the next payout.',
  })
    .option('--check', 'say what is missing or wrong, and send nothing')
    .action((file: string, { check }: { check?: boolean }) => setBank(app, file, check ?? false));
}

export function showStanding(app: App, s: PublisherStanding): void {
  const { verification: v } = s;
  app.output.item(s, [
    ['verification', state(app.output.style, v.state)],
    ['operator says', v.text && oneLine(v.text)],
    ['needed for', v.neededFor],
    [
      'tax',
      s.tax ? `${s.tax.form}, version ${s.tax.version}${s.tax.expired ? ', expired' : ''}` : 'not given',
    ],
    ['tax until', s.tax?.expiresOn],
    ['bank', s.bank ? `given ${time(s.bank.givenAt)}` : 'not given'],
    ['payouts', `${s.payouts.state}: ${s.payouts.reason}`],
    ['free product', s.missingForFree.length === 0 ? 'nothing is missing' : lines(s.missingForFree)],
    ['paid plan', s.missingForPaid.length === 0 ? 'nothing is missing' : lines(s.missingForPaid)],
  ]);
}
const lines = (findings: readonly Finding[]) =>
  findings.map((f) => `${f.message.replace(/^[^:]*: /, '')} ${f.remedy}`).join('\n');

export function showTax(app: App, t: TaxDetails): void {
  const i = t.interview;
  app.output.item(t, [
    ['form', t.form],
    ['until', t.expiresOn ?? 'something changes'],
    ['name', i.legalName],
    ['kind', i.kind],
    ['country', i.country],
    ...(i.taxNumbers ?? []).map((n) => [n.type, n.number] as const),
    ['signed by', i.signature?.name],
    ['given', `${time(t.givenAt)} by ${t.givenBy}, version ${t.version}`],
  ]);
}

export function showBank(app: App, { bank: b, ...given }: PayoutDetails): void {
  app.output.item({ bank: b, ...given }, [
    ['holder', b.holder],
    ['country', b.country],
    ['currency', b.currency],
    ['bank', b.bankName],
    ['IBAN', b.iban],
    ['routing number', b.routingNumber],
    ['account', b.accountNumber],
    ['BIC', b.bic],
    ['given', `${time(given.givenAt)} by ${given.givenBy}, version ${given.version}`],
  ]);
}

async function setTax(app: App, path: string, onlyCheck: boolean): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  const file = await readAnswers(app, path);
  const shaped = file.shape<TaxInterview>(TaxInterview);
  const signature = shaped.signature && { date: today, ...shaped.signature };
  const interview = signature ? { ...shaped, signature } : shaped;
  file.refuse(taxFindings(interview, today));
  if (onlyCheck) return app.output.note('Complete: nothing is missing.');
  const client = await app.client();
  showTax(app, await client.call(operations.putTaxDetails, { body: interview }));
}

async function setBank(app: App, path: string, onlyCheck: boolean): Promise<void> {
  const file = await readAnswers(app, path);
  const bank = file.shape<BankDetails>(BankDetails);
  file.refuse(bankFindings(bank));
  if (onlyCheck) return app.output.note('Complete: nothing is missing.');
  const client = await app.client();
  showBank(app, await client.call(operations.putPayoutDetails, { body: bank }));
}

/** A file of answers. What is wrong with it is said on its lines, before anything is sent. */
async function readAnswers(app: App, path: string) {
  const source =
    path === '-'
      ? await text(app.host.stdin)
      : await readFile(resolve(app.host.cwd, path), 'utf8').catch(() => undefined);
  if (source === undefined)
    throw new Failure({
      kind: 'invalid',
      code: 'cli.no_file',
      message: `There is no file ${path}.`,
      remedy: 'Give its path, or - for stdin.',
    });
  const counter = new LineCounter();
  const parsed = parseDocument(source, { lineCounter: counter, prettyErrors: false });
  const places = new PointerLines(parsed, counter);
  const refuse = (findings: readonly Finding[]): void => {
    if (findings.length === 0) return;
    throw new Failure({
      kind: 'invalid',
      code: 'cli.answers_incomplete',
      message: `${path} has ${findings.length === 1 ? 'an error' : `${findings.length} errors`}; nothing was sent.`,
      remedy: 'Mend what the findings name.',
      findings: places.locate(findings, path),
    });
  };
  refuse(
    parsed.errors.map((e) =>
      finding({
        rule: 'answers',
        code: 'answers.syntax',
        severity: 'error',
        pointer: null,
        line: counter.linePos(e.pos[0]).line,
        message: `This is not YAML: ${e.message}`,
        remedy: 'Correct the line.',
      }),
    ),
  );
  const value: unknown = parsed.toJS();
  return {
    refuse,
    shape<T>(schema: TSchema): T {
      const all = [...Value.Errors(schema, value)] as readonly {
        instancePath: string;
        message: string;
        params?: { additionalProperties?: readonly string[] };
      }[];
      // An unknown field is told twice: by the object that does not have it, and by itself.
      const errors = all.filter((e) => e.message !== 'schema is false');
      refuse(
        errors.map((e) =>
          finding({
            rule: 'answers',
            code: 'answers.form',
            severity: 'error',
            pointer: `${e.instancePath}${e.params?.additionalProperties?.map((p) => `/${p}`)[0] ?? ''}`,
            message: `${e.instancePath || 'The file'} ${e.message}${e.params?.additionalProperties ? `: ${e.params.additionalProperties.join(', ')}` : ''}.`,
            remedy: 'Compare it with the example in examples/becoming-a-publisher.',
          }),
        ),
      );
      return value as T;
    },
  };
}
