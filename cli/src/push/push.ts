import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Draft,
  type Finding,
  hasNoErrors,
  type ModelPackage,
  operations,
  type Product,
  type ProductDocument,
} from '@souk/contract';
import type { App } from '../app.ts';
import { canonicalJson } from '../canonical-json.ts';
import { checkSoukYaml, withArns } from '../document/check.ts';
import type { ModelPart } from '../document/parts.ts';
import { readSoukYaml, type SoukYaml, unreadable } from '../document/souk-yaml.ts';
import { Failure } from '../failure.ts';
import { given } from '../given.ts';
import { findOwnProduct } from '../products/own-product.ts';
import { sourceOf } from '../upload/source.ts';
import {
  awaitModel,
  digestOf,
  inferenceSpecification,
  modelFailed,
  registerModel,
  sendFile,
  validationProfile,
} from './register-model.ts';

export interface Pushed {
  readonly product: Product;
  readonly draft: Draft;
  /** On the lines of souk.yaml. */
  readonly findings: readonly Finding[];
}

/** Everything that souk.yaml says, made so on the server: profile, model packages, logo, draft. Safe to run again. */
export async function pushProduct(app: App, path: string): Promise<Pushed> {
  const file = readSoukYaml(path, app.host.cwd);
  if (!file.product || !hasNoErrors(file.findings)) throw unreadable(file.shownAs, checkSoukYaml(file));
  const client = await app.client();
  await writePublisher(app, file);
  const known = await findOwnProduct(app, file.product.slug);
  // A product needs a publisher: said before a large model is sent, not after.
  if (!known) await client.call(operations.getPublisher);
  const before = known && (await client.call(operations.getDraft, { params: { productId: known.id } }));
  const arns = new Map<number, string>();
  for (const [i, model] of file.models) arns.set(i, await arnOf(app, file, i, model, before?.document));
  const document = keepAudience(
    withArns(file, (i) => arns.get(i)),
    before?.document,
  );
  await sendMedia(app, file, before?.document);
  const saved = await save(app, file, known, before, document);
  return { ...saved, findings: file.lines.locate(saved.draft.findings, file.shownAs) };
}

async function writePublisher(app: App, file: SoukYaml): Promise<void> {
  const wanted = file.publisher;
  if (!wanted) return;
  const client = await app.client();
  const now = await client.call(operations.getPublisher).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'publisher.missing') return undefined;
    throw error;
  });
  const same = now && Object.entries(wanted).every(([k, v]) => now[k as keyof typeof wanted] === v);
  if (same) return;
  const kept = now && {
    description: now.description,
    websiteUrl: now.websiteUrl,
    contactEmail: now.contactEmail,
    logoSha256: now.logoSha256,
  };
  await client.call(operations.putPublisher, { body: { ...kept, ...wanted } });
  app.output.done(`Wrote the publisher profile ${wanted.slug}.`);
}

/** Test accounts are often managed apart (`souk testers`): a file that does not speak of them leaves them alone. */
const keepAudience = (document: ProductDocument, before: ProductDocument | undefined): ProductDocument =>
  document.audience || !before?.audience ? document : { ...document, audience: before.audience };

async function arnOf(
  app: App,
  file: SoukYaml,
  index: number,
  model: ModelPart,
  before: ProductDocument | undefined,
): Promise<string> {
  const version = file.document.versions?.[index];
  const number = version?.number ?? String(index + 1);
  const path = resolve(file.folder, model.path);
  if (!existsSync(path)) {
    const registered = before?.versions?.find((v) => v.number === number)?.modelPackageArn;
    if (!registered) throw unreadable(file.shownAs, checkSoukYaml(file));
    app.output.note(`${model.path} is not here; version ${number} keeps ${registered}.`);
    return registered;
  }
  const input = model.sample?.input ?? version?.input?.samples?.realtime;
  if (input === undefined) throw noSample(file, index);
  const profile = validationProfile({
    contentType: model.sample?.contentType ?? version?.input?.samples?.contentType ?? 'application/json',
    input,
    responseType: model.sample?.responseType ?? version?.output?.samples?.contentType,
    output: model.sample?.output ?? version?.output?.samples?.realtime,
  });
  const source = await sourceOf(path);
  for (const note of source.notes) app.output.note(note);
  const sha256 = await digestOf(app, source);
  const base = model.name ?? defaultName(file.product?.slug ?? 'model', number);
  const existing = await findPackage(app, base, model.name !== undefined, sha256, profile);
  if (typeof existing !== 'string') {
    const done = await awaitModel(app, existing);
    if (done.status === 'Failed') throw modelFailed(done);
    app.output.note(`The model of version ${number} is registered already: ${done.name}.`);
    return done.arn;
  }
  const registered = await registerModel(
    app,
    source,
    sha256,
    given({
      name: existing,
      description: model.description,
      region: model.region,
      inferenceSpecification: await inferenceSpecification(app, {
        contentTypes: model.contentTypes,
        responseTypes: model.responseTypes,
        realtime: model.instanceTypes?.realtime,
        batch: model.instanceTypes?.batch,
      }),
      validationSpecification: { validationProfiles: [profile] },
      certifyForMarketplace: true,
    }),
  );
  app.output.done(`Registered the model of version ${number}: ${registered.arn}`);
  const done = await awaitModel(app, registered);
  if (done.status === 'Failed') throw modelFailed(done);
  return done.arn;
}

/** `iris-classifier-1-0-0`: within SageMaker's 63 characters, the version whole. */
export function defaultName(slug: string, version: string): string {
  const tail = version.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '');
  return `${slug.slice(0, 58 - tail.length).replace(/-+$/, '')}-${tail}`.slice(0, 60);
}

/**
 * The package that already holds these bytes and this sample, or the name for a new one. A registered package never
 * changes and a failed one is never repaired, so a changed model takes the next free name.
 */
async function findPackage(
  app: App,
  base: string,
  nameIsChosen: boolean,
  sha256: string,
  profile: ModelPackage['validationSpecification']['validationProfiles'][number],
): Promise<ModelPackage | string> {
  const client = await app.client();
  const taken = new Map<string, ModelPackage>();
  let cursor: string | null = null;
  do {
    const page: { items: ModelPackage[]; nextCursor: string | null } = await client.call(
      operations.listModelPackages,
      { query: { nameContains: base, limit: 200, ...(cursor === null ? {} : { cursor }) } },
    );
    for (const item of page.items) taken.set(item.name, item);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const ours = [...taken.values()].filter(
    (m) => m.name === base || new RegExp(`^${base}-\\d+$`).test(m.name),
  );
  const usable = ours.find(
    (m) =>
      m.archive.sha256 === sha256 &&
      m.status !== 'Failed' &&
      m.status !== 'Deleting' &&
      canonicalJson(m.validationSpecification.validationProfiles[0]) === canonicalJson(profile),
  );
  if (usable) return usable;
  if (nameIsChosen) return base;
  for (let n = 2, name = base; ; name = `${base}-${n++}`) if (!taken.has(name)) return name;
}

async function sendMedia(app: App, file: SoukYaml, before: ProductDocument | undefined): Promise<void> {
  for (const { path, media } of file.media) {
    if (before?.promotion?.logo?.sha256 === media.sha256) continue;
    await sendFile(app, await sourceOf(path), { purpose: 'media', sha256: media.sha256 });
  }
}

async function save(
  app: App,
  file: SoukYaml,
  known: Product | undefined,
  before: Draft | undefined,
  document: ProductDocument,
): Promise<{ product: Product; draft: Draft }> {
  const client = await app.client();
  if (!known || !before) {
    const { slug, type } = file.product ?? { slug: '', type: 'model-package' };
    if (type !== 'model-package')
      throw new Failure({
        kind: 'invalid',
        code: 'cli.product_type',
        message: `Products of type ${type} cannot be published here yet.`,
        remedy: 'This release takes model-package.',
      });
    const product = await client.call(operations.createProduct, { body: { type, slug, document } });
    app.output.done(`Created the product ${product.publisher}/${product.slug}.`);
    const draft = await client.call(operations.getDraft, { params: { productId: product.id } });
    return { product, draft };
  }
  const params = { productId: known.id };
  if (canonicalJson(document) === canonicalJson(before.document)) {
    app.output.note(`The draft of ${known.publisher}/${known.slug} is as souk.yaml says already.`);
    return { product: known, draft: before };
  }
  const draft = await client.call(operations.putDraft, {
    params,
    body: { version: before.version, document },
  });
  app.output.done(`Saved the draft of ${known.publisher}/${known.slug}, version ${draft.version}.`);
  return { product: await client.call(operations.getProduct, { params }), draft };
}

const noSample = (file: SoukYaml, index: number) =>
  unreadable(
    file.shownAs,
    file.lines.locate(
      [
        {
          rule: 'souk-yaml',
          code: 'souk-yaml.no_sample',
          severity: 'error',
          file: null,
          pointer: `/versions/${index}/input`,
          line: null,
          message: 'The checks need a sample input to send.',
          remedy: 'Give input.samples.realtime, or model.sample.input.',
        },
      ],
      file.shownAs,
    ),
  );
