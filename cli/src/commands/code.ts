import { operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { type AppliedProduct, applyProduct, refuseDrift } from '../code/apply.ts';
import { exportProduct } from '../code/export.ts';
import { findListings, readListings } from '../code/find-listings.ts';
import { type Planned, planProduct } from '../code/plan.ts';
import { requirePlan, savePlan } from '../code/plan-file.ts';
import { showPlan } from '../code/show-plan.ts';
import { sourceFrom } from '../code/source.ts';
import { leaf } from '../command.ts';
import { Failure } from '../failure.ts';
import { ownProduct } from '../products/own-product.ts';
import { ask } from '../prompt.ts';

/** Listings as code: a folder of souk.yaml files is the truth, and these make the marketplace follow it. */
export function codeCommands(program: Command, app: App): void {
  leaf(program, 'plan [folder]', 'What applying the souk.yaml files of a folder would change', {
    examples: ['souk plan', 'souk plan listings --out plan.json', 'souk plan listings --json'],
    notes:
      'Looks below the folder too. Changes nothing. Ends with 0 when everything is as the files say, with 2 when something would\n' +
      'change, with another code on a mistake (never 2: what is 2 elsewhere is 1 here). What people changed on the web since the\n' +
      'last apply is shown as drift.',
  })
    .option('--out <file>', 'keep the plan, for: souk apply --plan <file>')
    .action((folder: string | undefined, options: { out?: string }) => plan(app, folder, options));

  leaf(program, 'apply [folder]', 'Make products what the souk.yaml files of a folder say', {
    examples: [
      'souk apply listings',
      'souk apply listings --auto-approve --submit --sign-off',
      'souk apply listings --plan plan.json --auto-approve --source acme/models@3f2c1d',
    ],
    notes:
      'Shows the plan and asks. Registers models whose bytes changed, sends pictures, saves drafts; run again it goes on where it\n' +
      'was cut off, and does only what is left. A draft that changed after the plan is refused (product.apply_conflict), and so is\n' +
      'drift that would be undone (cli.drift). --source is taken from GitHub and GitLab where they run it.',
  })
    .option('--plan <file>', 'apply this plan, and nothing if anything differs by now')
    .option('--auto-approve', 'do not ask')
    .option('--submit', 'submit what was applied, and wait until it stands in preview or ends')
    .option('--sign-off', 'sign off what stands in preview: it goes live')
    .option('--overwrite-drift', 'undo what people changed on the web since the last apply')
    .option(
      '--source <text>',
      'where the files come from, for example repository@commit; shown with the product',
    )
    .action((folder: string | undefined, options: Options) => apply(app, folder, options));

  leaf(
    program,
    'export <product> [folder]',
    'Write the draft of a product as souk.yaml, to manage it as code',
    {
      examples: ['souk export iris-classifier', 'souk export iris-classifier listings/iris --overwrite'],
      notes:
        'Into a folder with the product’s name unless another is given. souk plan then finds nothing to change.',
    },
  )
    .option('--overwrite', 'also over files that are there')
    .action(async (name: string, folder: string | undefined, options: { overwrite?: boolean }) => {
      const client = await app.client();
      const product = await ownProduct(app, name);
      const draft = await client.call(operations.getDraft, { params: { productId: product.id } });
      const to = folder ?? product.slug;
      const written = await exportProduct(app, product, draft, to, options.overwrite === true);
      app.output.item(written, [
        ['product', written.product],
        ['draft', `version ${written.draftVersion}`],
        ['written', written.files.join('\n')],
      ]);
      app.output.next(`souk plan ${to}`);
    });
}

interface Options {
  plan?: string;
  autoApprove?: boolean;
  submit?: boolean;
  signOff?: boolean;
  overwriteDrift?: boolean;
  source?: string;
}

async function planAll(app: App, folder: string | undefined): Promise<Planned[]> {
  const planned: Planned[] = [];
  for (const file of readListings(findListings(app.host.cwd, folder), app.host.cwd))
    planned.push(await planProduct(app, file));
  return planned;
}

async function plan(app: App, folder: string | undefined, options: { out?: string }): Promise<void> {
  const planned = await planAll(app, folder);
  showPlan(app, planned);
  if (options.out) await savePlan(app, options.out, planned);
  if (planned.some((p) => p.action !== 'unchanged')) app.exitCode = 2;
}

async function apply(app: App, folder: string | undefined, options: Options): Promise<void> {
  const planned = await planAll(app, folder);
  if (!app.output.json) showPlan(app, planned);
  if (options.plan) await requirePlan(app, options.plan, planned);
  if (!options.overwriteDrift) refuseDrift(planned);
  const works = options.submit || options.signOff || planned.some((p) => p.action !== 'unchanged');
  if (works && !options.autoApprove) await confirm(app);
  const failures: Failure[] = [];
  for (const p of planned) {
    try {
      show(
        app,
        await applyProduct(app, p, {
          source: options.source ?? sourceFrom(app.host.env),
          submit: options.submit === true,
          signOff: options.signOff === true,
          overwriteDrift: options.overwriteDrift === true,
        }),
      );
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
      failures.push(error);
      showFailed(app, p, error);
    }
  }
  const [first] = failures;
  if (first && planned.length === 1) throw first;
  if (first)
    throw new Failure({
      kind: first.kind,
      code: first.code,
      message: `${failures.length} of ${planned.length} products could not be applied; the others were.`,
      remedy: 'Mend what is said above and apply again: it goes on with what is left.',
    });
}

async function confirm(app: App): Promise<void> {
  const answer = await ask(app.host, 'Apply this? Only yes goes on', '--auto-approve');
  if (answer !== 'yes')
    throw new Failure({
      kind: 'refused',
      code: 'cli.not_approved',
      message: 'Nothing was applied.',
      remedy: 'Answer yes, or give --auto-approve.',
    });
}

function show(app: App, done: AppliedProduct): void {
  if (app.output.json) app.output.line(JSON.stringify(done));
  else
    app.output.item(done, [
      ['product', done.product],
      ['result', done.result],
      ['draft', `version ${done.draftVersion}`],
      ['source', done.source],
      [
        'submission',
        done.submission &&
          `${done.submission.id}: ${done.submission.state}${done.submission.stage ? ` at ${done.submission.stage}` : ''}`,
      ],
    ]);
}

function showFailed(app: App, { slug }: Planned, error: Failure): void {
  const { code, kind, message, remedy, findings } = error;
  if (app.output.json)
    app.output.line(
      JSON.stringify({ product: slug, result: 'failed', error: { code, kind, message, remedy, findings } }),
    );
  else app.output.failure(error);
}
