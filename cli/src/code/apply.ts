import { type Applied, operations, type Product, type Submission } from '@souk/contract';
import type { App } from '../app.ts';
import { withArns } from '../document/check.ts';
import { Failure, withFindings } from '../failure.ts';
import { given } from '../given.ts';
import { creatableType } from '../push/creatable.ts';
import { keepManaged, sendMedia, writePublisher } from '../push/push.ts';
import { type Planned, undoneBy } from './plan.ts';
import { publish } from './publish.ts';

export interface ApplyOptions {
  readonly source?: string | undefined;
  readonly submit: boolean;
  readonly signOff: boolean;
  readonly overwriteDrift: boolean;
}

export interface AppliedProduct {
  readonly product: string;
  readonly productId: string;
  readonly result: 'created' | 'changed' | 'unchanged';
  readonly draftVersion: number;
  readonly source: string | null;
  readonly submission: Pick<Submission, 'id' | 'state' | 'stage' | 'revision'> | null;
}

/** What people changed since the last apply is not undone unless that is said. */
export function refuseDrift(plan: readonly Planned[]): void {
  const drifted = plan.filter((p) => undoneBy(p).length > 0);
  if (drifted.length === 0) return;
  const [first] = drifted;
  throw new Failure({
    kind: 'conflict',
    code: 'cli.drift',
    message: `Somebody changed ${drifted.map((p) => `${p.slug} (${undoneBy(p).join(', ')})`).join('; ')} since the files were applied. Nothing was applied.`,
    remedy: `Take it into the files (souk export ${first?.slug}), or undo it with --overwrite-drift.`,
  });
}

/**
 * Makes one product what its file says. Each step looks at what is there, so that a run which was cut off is simply run again:
 * bytes that are there are not sent, a model that is registered is not registered, a draft that is right is not saved.
 */
export async function applyProduct(
  app: App,
  planned: Planned,
  options: ApplyOptions,
): Promise<AppliedProduct> {
  const { file, slug, action } = planned;
  await applyPublisher(app, planned);
  const product = planned.product ?? (await create(app, planned));
  const applied = await applyDocument(app, planned, product, options.source);
  const client = await app.client();
  const now = await client.call(operations.getProduct, { params: { productId: product.id } });
  const submission =
    options.submit || options.signOff
      ? await publish(app, now, { submit: options.submit, signOff: options.signOff }).catch(
          (error: unknown) => {
            if (!(error instanceof Failure)) throw error;
            throw withFindings(error, file.lines.locate(error.findings, file.shownAs));
          },
        )
      : null;
  return {
    product: slug,
    productId: product.id,
    result: action === 'create' ? 'created' : action === 'change' ? 'changed' : 'unchanged',
    draftVersion: applied.draftVersion,
    source: applied.applied?.source ?? null,
    submission: submission && {
      id: submission.id,
      state: submission.state,
      stage: submission.stage,
      revision: submission.revision,
    },
  };
}

/** A key for products does not write the profile; whoever made the product wrote it. */
async function applyPublisher(app: App, { file, slug }: Planned): Promise<void> {
  if (!file.publisher) return;
  const client = await app.client();
  const { permissions } = await client.call(operations.getSession);
  if (permissions.includes('publisher:update')) await writePublisher(app, file);
  else app.output.note(`${slug}: this key does not write the publisher profile; it stays as it is.`);
}

async function create(app: App, { file, slug }: Planned): Promise<Product> {
  const client = await app.client();
  const type = creatableType(file.product?.type);
  const product = await client.call(operations.createProduct, { body: { type, slug } });
  app.output.done(`Created the product ${product.publisher}/${product.slug}.`);
  return product;
}

async function applyDocument(
  app: App,
  planned: Planned,
  product: Product,
  source: string | undefined,
): Promise<Applied> {
  const client = await app.client();
  const { file, before, models, server, slug } = planned;
  const known = server?.applied;
  if (planned.action === 'unchanged' && known?.applied && (source ?? null) === known.applied.source) {
    app.output.note(`${slug} is as the files say.`);
    return known;
  }
  const arns = new Map<number, string>();
  for (const [i, m] of models) arns.set(i, m.kind === 'new' ? await m.register() : m.arn);
  await sendMedia(app, file, before?.document);
  const document = keepManaged(
    withArns(file, (i) => arns.get(i)),
    before?.document,
  );
  const applied = await client
    .call(operations.applyDraft, {
      params: { productId: product.id },
      body: { document, ...given({ draftVersion: before?.version ?? product.draftVersion, source }) },
    })
    .catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      throw withFindings(error, file.lines.locate(error.findings, file.shownAs));
    });
  app.output.done(`Applied ${file.shownAs} to ${slug}: the draft has version ${applied.draftVersion}.`);
  return applied;
}
