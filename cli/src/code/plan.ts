import {
  type AppliedPlan,
  arnToCome,
  type DocumentChange,
  type Draft,
  type Finding,
  hasNoErrors,
  operations,
  type Product,
  type ProductDocument,
  placeOf,
} from '@souk/contract';
import type { App } from '../app.ts';
import { canonicalSha256 } from '../canonical-json.ts';
import { checkSoukYaml, withArns } from '../document/check.ts';
import { type SoukYaml, unreadable } from '../document/souk-yaml.ts';
import { findOwnProduct } from '../products/own-product.ts';
import { keepManaged } from '../push/push.ts';
import { type VersionModel, versionModel } from '../push/version-model.ts';

/** What one souk.yaml would do to its product. */
export interface Planned {
  readonly file: SoukYaml;
  readonly slug: string;
  readonly action: 'create' | 'change' | 'unchanged';
  readonly product: Product | undefined;
  readonly before: Draft | undefined;
  readonly models: ReadonlyMap<number, VersionModel>;
  readonly server: AppliedPlan | undefined;
  readonly changes: readonly DocumentChange[];
  readonly findings: readonly Finding[];
  /** Of what the files say, the same whether a model is registered already or not; a saved plan is known by it. */
  readonly fingerprint: string;
}

export async function planProduct(app: App, file: SoukYaml): Promise<Planned> {
  if (!file.product || !hasNoErrors(file.findings)) throw unreadable(file.shownAs, checkSoukYaml(file));
  const client = await app.client();
  const { slug } = file.product;
  const product = await findOwnProduct(app, slug);
  const params = { productId: product?.id ?? '' };
  const before = product && (await client.call(operations.getDraft, { params }));
  const models = new Map<number, VersionModel>();
  for (const [i, model] of file.models)
    models.set(i, await versionModel(app, file, i, model, before?.document));
  const document = documentOf(file, models, before);
  const newModels = [...models].filter(([, m]) => m.kind === 'new').map(([i]) => i);
  const server =
    product && (await client.call(operations.planDraft, { params, body: { document, newModels } }));
  const changes = (server?.changes ?? created(document)).map((c) => withNames(c, models));
  const found = server?.findings ?? checkSoukYaml(file);
  return {
    file,
    slug,
    action: !product ? 'create' : changes.length > 0 ? 'change' : 'unchanged',
    product,
    before,
    models,
    server,
    changes,
    findings: server ? file.lines.locate(found, file.shownAs) : found,
    fingerprint: canonicalSha256(
      withArns(file, (i) => {
        const model = models.get(i);
        return model?.kind === 'registered' && model.sha256 === null
          ? model.arn
          : (model?.sha256 ?? undefined);
      }),
    ),
  };
}

/** With the ARNs that are known; a model that is still to be registered has none. */
export const documentOf = (
  file: SoukYaml,
  models: ReadonlyMap<number, VersionModel>,
  before: Draft | undefined,
): ProductDocument =>
  keepManaged(
    withArns(file, (i) => {
      const model = models.get(i);
      return model?.kind === 'registered' ? model.arn : undefined;
    }),
    before?.document,
  );

/** A new product: each section of its document is added. */
const created = (document: ProductDocument): DocumentChange[] =>
  Object.entries(document).map(([section, after]) => ({
    pointer: `/${section}`,
    place: placeOf(`/${section}`, document),
    kind: 'added',
    after,
  }));

/** In place of an ARN that is not known yet, which file it will be made from; also inside a version that is added whole. */
function withNames(change: DocumentChange, models: ReadonlyMap<number, VersionModel>): DocumentChange {
  const [, place] = /^\/versions\/(\d+)(?:\/|$)/.exec(change.pointer) ?? [];
  const named = (value: unknown, at: number): unknown => {
    const model = models.get(at);
    if (model?.kind !== 'new') return value;
    const text = `${arnToCome} from ${model.path}, sha256 ${model.sha256.slice(0, 12)}…`;
    if (value === arnToCome) return text;
    return typeof value === 'object' && value !== null ? { ...value, modelPackageArn: text } : value;
  };
  if (change.pointer === '/versions' && Array.isArray(change.after))
    return { ...change, after: change.after.map((v: unknown, i) => named(v, i)) };
  const isVersion = place !== undefined && /^\/versions\/\d+(\/modelPackageArn)?$/.test(change.pointer);
  return isVersion && change.after !== undefined
    ? { ...change, after: named(change.after, Number(place)) }
    : change;
}

/** Drift that applying would undo: what people changed since, and the files do not say. */
export const undoneBy = (planned: Planned): readonly string[] => planned.server?.undone ?? [];
