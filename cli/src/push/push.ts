import {
  type Draft,
  type Finding,
  hasNoErrors,
  operations,
  type Product,
  type ProductDocument,
} from '@souk/contract';
import type { App } from '../app.ts';
import { canonicalJson } from '../canonical-json.ts';
import { checkSoukYaml, isOwnName, withArns } from '../document/check.ts';
import type { ModelPart } from '../document/parts.ts';
import { readSoukYaml, type SoukYaml, unreadable } from '../document/souk-yaml.ts';
import { Failure } from '../failure.ts';
import { findOwnProduct } from '../products/own-product.ts';
import { sourceOf } from '../upload/source.ts';
import { creatableType } from './creatable.ts';
import { sendFile } from './register-model.ts';
import { versionModel } from './version-model.ts';

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
  const document = keepManaged(
    await withOwnNames(
      app,
      withArns(file, (i) => arns.get(i)),
    ),
    before?.document,
  );
  await sendMedia(app, file, before?.document);
  const saved = await save(app, file, known, before, document);
  return { ...saved, findings: file.lines.locate(saved.draft.findings, file.shownAs) };
}

/** `algorithmArn: tabular-trainer-1` names what the account has registered, so that a file need not know whose it is. */
async function withOwnNames(app: App, document: ProductDocument): Promise<ProductDocument> {
  if (!document.versions?.some((v) => isOwnName(v.algorithmArn) || isOwnName(v.modelPackageArn)))
    return document;
  const client = await app.client();
  const versions = await Promise.all(
    document.versions.map(async (v) => {
      const named = { ...v };
      if (v.algorithmArn && isOwnName(v.algorithmArn))
        named.algorithmArn = (
          await client.call(operations.getAlgorithm, { params: { name: v.algorithmArn } })
        ).arn;
      if (v.modelPackageArn && isOwnName(v.modelPackageArn))
        named.modelPackageArn = (
          await client.call(operations.getModelPackage, { params: { name: v.modelPackageArn } })
        ).arn;
      return named;
    }),
  );
  return { ...document, versions };
}

export async function writePublisher(app: App, file: SoukYaml): Promise<void> {
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

/**
 * What is managed apart from the file stays as it is where the file does not speak of it: test accounts (`souk testers`), and which
 * sealed credential a web service has.
 */
export function keepManaged(document: ProductDocument, before: ProductDocument | undefined): ProductDocument {
  const kept = document.audience || !before?.audience ? document : { ...document, audience: before.audience };
  const { service } = kept;
  const credentialId = before?.service?.authentication?.credentialId;
  if (!service?.authentication || service.authentication.credentialId !== undefined || !credentialId)
    return kept;
  return { ...kept, service: { ...service, authentication: { ...service.authentication, credentialId } } };
}

async function arnOf(
  app: App,
  file: SoukYaml,
  index: number,
  model: ModelPart,
  before: ProductDocument | undefined,
): Promise<string> {
  const found = await versionModel(app, file, index, model, before);
  if (found.kind === 'new') return found.register();
  if (found.sha256 !== null) app.output.note(`A model is registered already: ${found.arn}`);
  return found.arn;
}

export async function sendMedia(
  app: App,
  file: SoukYaml,
  before: ProductDocument | undefined,
): Promise<void> {
  // What the draft names was sent when it was written into it.
  const known = JSON.stringify(before ?? {});
  for (const { path, purpose, media } of file.media)
    if (!known.includes(media.sha256))
      await sendFile(app, await sourceOf(path), { purpose, sha256: media.sha256 });
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
    const { slug } = file.product ?? { slug: '' };
    const type = creatableType(file.product?.type);
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
