import { randomBytes } from 'node:crypto';
import type { Plan, ProductDocument, Version } from '@souk/contract';
import { canonicalSha256 } from '../src/platform/canonical-json.ts';
import { type Db, inTx, json, sql } from '../src/platform/db.ts';
import { newId } from '../src/platform/ids.ts';

/** A product as publishing leaves it in its slots, for tests that begin there. */
export interface GivenProduct {
  readonly accountId: string;
  /** Name of the publisher in addresses; made at the first product. */
  readonly publisher: string;
  readonly publisherName?: string;
  readonly slug: string;
  readonly title: string;
  readonly keywords?: readonly string[];
  readonly shortDescription?: string;
  readonly longDescription?: string;
  readonly categories?: NonNullable<ProductDocument['listing']>['categories'];
  readonly visibility?: 'public' | 'private';
  readonly plans?: readonly Plan[];
  readonly versions?: readonly Version[];
  readonly slot?: 'live' | 'preview';
  readonly testAccounts?: readonly string[];
  /** Accounts that a private product is for. */
  readonly audience?: readonly string[];
  readonly contentTypes?: readonly string[];
  readonly p99Ms?: number;
  readonly publishedAt?: string;
  readonly region?: string;
}

export interface InsertedProduct {
  readonly productId: string;
  readonly revisionId: string;
  readonly document: ProductDocument;
  readonly sha256: string;
  readonly packageSha256: string;
}

export const freePlan: Plan = { id: 'free', name: 'Free', currency: 'USD', parts: [] };
export const usagePlan: Plan = {
  id: 'pay',
  name: 'Pay as you go',
  currency: 'USD',
  parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.002', includedQuantity: 1000 }],
};

export const version = (number: string, more: Partial<Version> = {}): Version => ({
  number,
  state: 'listed',
  releaseNotes: 'First.',
  usageInstructions: 'Send rows.',
  input: { description: 'Rows', samples: { contentType: 'text/csv', realtime: '5.1,3.5,1.4,0.2\n' } },
  output: { description: 'Labels', samples: { contentType: 'text/csv', realtime: 'setosa\n' } },
  ...more,
});

export function documentOf(p: GivenProduct): ProductDocument {
  return {
    listing: {
      visibility: p.visibility ?? 'public',
      title: p.title,
      shortDescription: p.shortDescription ?? `${p.title} in a line.`,
      longDescription: p.longDescription ?? 'What it does, at length.',
      highlights: ['Small'],
      categories: [...(p.categories ?? ['Structured'])],
    },
    promotion: { keywords: [...(p.keywords ?? ['model'])] },
    regions: p.region ? { mode: 'selected', selected: [p.region] } : { mode: 'all' },
    versions: [...(p.versions ?? [version('1.0.0')])],
    plans: [...(p.plans ?? [freePlan])],
    terms: { eula: 'Use it well.' },
  };
}

/** Writes a revision into a slot. Called again for the same product it makes the next revision. */
export async function insertProduct(db: Db, p: GivenProduct): Promise<InsertedProduct> {
  const document = documentOf(p);
  const [revisionId, sha256] = [newId('rev'), canonicalSha256(document)];
  const packageSha256 = randomBytes(32).toString('hex');
  const at = p.publishedAt ?? new Date().toISOString();
  return inTx(db, async (tx) => {
    await sql`insert into publishers (account_id, slug, display_name) values (${p.accountId}, ${p.publisher}, ${p.publisherName ?? p.publisher}) on conflict do nothing`.execute(
      tx,
    );
    const { rows: products } = await sql<{
      id: string;
    }>`insert into products (id, account_id, slug, type, draft, draft_sha256, created_by, test_accounts)
      values (${newId('prd')}, ${p.accountId}, ${p.slug}, 'model-package', ${json(document)}, ${sha256}, 'test', ${[...(p.testAccounts ?? [])]}::text[])
      on conflict (account_id, slug) do update set draft = excluded.draft returning id`.execute(tx);
    const productId = products[0]?.id ?? '';
    await sql`insert into revisions (id, product_id, number, document, sha256, created_by, created_at)
      select ${revisionId}, ${productId}, 1 + count(*), ${json(document)}, ${sha256}, 'test', ${at} from revisions where product_id = ${productId}`.execute(
      tx,
    );
    const inference = {
      supportedContentTypes: p.contentTypes ?? ['text/csv'],
      supportedResponseMIMETypes: ['text/csv'],
      supportedRealtimeInferenceInstanceTypes: ['ml.m5.large'],
      supportedTransformInstanceTypes: ['ml.m5.large'],
    };
    const measured = {
      instanceType: 'ml.m5.large',
      p50Ms: (p.p99Ms ?? 2) / 2,
      p99Ms: p.p99Ms ?? 2,
      callsPerSecond: 100,
      calls: 300,
      histogram: [{ upToMs: 5, count: 300 }],
      measuredAt: at,
    };
    const servable = { kind: 'onnx', packageSha256, modelName: 'iris', batching: null };
    for (const { number = '' } of document.versions ?? []) {
      await sql`insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, servable, resource, bom, measured)
        values (${productId}, ${number}, 'mpk_1', ${packageSha256}, 1000, 'iris', ${json(servable)}, ${json({ name: 'iris', inferenceSpecification: inference, onnx: null })},
          ${json({ bomFormat: 'CycloneDX', version: number })}, ${json([measured])}) on conflict do nothing`.execute(
        tx,
      );
      await sql`insert into deployments (id, product_id, version, package_sha256, servable, model_name, backend, instance_type, state)
        values (${newId('dep')}, ${productId}, ${number}, ${packageSha256}, ${json(servable)}, 'iris', 'onnx', 'ml.m5.large', 'ready') on conflict do nothing`.execute(
        tx,
      );
    }
    for (const account of p.audience ?? [])
      await sql`insert into audience_accounts (product_id, account_id, added_by) values (${productId}, ${account}, 'test') on conflict do nothing`.execute(
        tx,
      );
    const column = sql.raw(p.slot === 'preview' ? 'preview_revision_id' : 'live_revision_id');
    await sql`update products set ${column} = ${revisionId} where id = ${productId}`.execute(tx);
    return { productId, revisionId, document, sha256, packageSha256 };
  });
}
