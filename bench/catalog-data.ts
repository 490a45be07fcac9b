import { createHash } from 'node:crypto';
import type { ProductDocument } from '@souk/contract';
import { newCatalogEntries } from '../server/src/domains/catalog/index.ts';
import { type Db, inTx, json, rows, sql, type Tx } from '../server/src/platform/db.ts';
import { brand, type Domain, domains, manners, methods, sentences } from './catalog-words.ts';

/** Numbers that are the same at every run, so that two measurements look at the same catalogue. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Chance {
  readonly number: () => number;
  pick<T>(from: readonly T[]): T;
  /** Early ones more often than late ones, as in real catalogues. */
  favour<T>(from: readonly T[]): T;
}

export function chance(seed: number): Chance {
  const number = seeded(seed);
  const at = <T>(from: readonly T[], x: number): T => {
    const found = from[Math.floor(x * from.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  return {
    number,
    pick: (from) => at(from, number()),
    favour: (from) => at(from, number() ** 2),
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

export interface Generated {
  readonly publishers: number;
  readonly products: number;
  readonly ms: number;
}

const batch = 1000;
const accountOf = (i: number) => String(300_000_000_000 + i);

/**
 * Fills a database with live products: accounts, publishers, revisions with whole documents, packaged versions; the search
 * projection is then drawn by the catalogue itself. One publisher per 200 products.
 */
export async function generateCatalog(db: Db, products: number, seed = 4600): Promise<Generated> {
  const began = performance.now();
  const dice = chance(seed);
  const publishers = await insertPublishers(db, Math.ceil(products / 200), dice);
  for (let from = 0; from < products; from += batch) {
    const list = Array.from({ length: Math.min(batch, products - from) }, (_, i) =>
      product(from + i, dice, publishers),
    );
    await inTx(db, (tx) => insertProducts(tx, list));
  }
  await withoutSearchIndexes(db, () => newCatalogEntries({ db }).rebuild());
  for (const table of ['products', 'revisions', 'product_versions', 'catalog_entries', 'catalog_words'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(db);
  return { publishers: publishers.length, products, ms: Math.round(performance.now() - began) };
}

/** Index entries one by one took two thirds of the time; made at the end they take seconds. */
async function withoutSearchIndexes(db: Db, work: () => Promise<unknown>): Promise<void> {
  const indexes = await rows<{ name: string; definition: string }>(
    db,
    sql`select indexname as name, indexdef as definition from pg_indexes
      where tablename in ('catalog_entries', 'catalog_words') and indexdef not like 'CREATE UNIQUE%'`,
  );
  for (const { name } of indexes) await sql`drop index ${sql.table(name)}`.execute(db);
  await work();
  for (const { definition } of indexes) await sql.raw(definition).execute(db);
}

type Publisher = { accountId: string; slug: string; name: string };

async function insertPublishers(db: Db, count: number, dice: Chance): Promise<Publisher[]> {
  const list = Array.from({ length: count }, (_, i) => {
    const name = `${brand(dice.pick, 2)} ${dice.pick(['Labs', 'AI', 'Analytics', 'Research', 'Systems', 'Data', 'Works'])}`;
    return {
      accountId: accountOf(i),
      name,
      slug: `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${i}`,
    };
  });
  await inTx(db, async (tx) => {
    const given = sql`jsonb_to_recordset(${json(list)}) as g ("accountId" text, slug text, name text)`;
    await sql`insert into accounts (id, name) select "accountId", name from ${given}`.execute(tx);
    await sql`insert into publishers (account_id, slug, display_name) select "accountId", slug, name from ${given}`.execute(
      tx,
    );
  });
  return list;
}

interface GeneratedProduct {
  readonly id: string;
  readonly revisionId: string;
  readonly accountId: string;
  readonly slug: string;
  readonly type: string;
  readonly document: ProductDocument;
  readonly sha256: string;
  readonly createdAt: string;
  readonly p99Ms: number;
  readonly contentTypes: readonly string[];
}

export function product(i: number, dice: Chance, publishers: readonly Publisher[]): GeneratedProduct {
  const domain = dice.favour(domains);
  const words = {
    object: dice.favour(domain.objects),
    task: dice.favour(domain.tasks),
    field: dice.pick(domain.fields),
    method: dice.favour(methods),
    count: String(Math.ceil(dice.number() * 900)),
    percent: (80 + dice.number() * 19.9).toFixed(1),
  };
  const publisher = dice.favour(publishers);
  const title = titleOf(dice, words, domain);
  const type = dice.number() < 0.7 ? 'model-package' : dice.pick(['algorithm', 'web-service', 'application']);
  const key = i.toString(36).padStart(20, '0');
  return {
    id: `prd_${key}`,
    revisionId: `rev_${key}`,
    accountId: publisher.accountId,
    slug: `${title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40)
      .replace(/-+$/, '')}-${i}`,
    type,
    document: documentOf(title, words, domain, dice),
    sha256: sha(key),
    createdAt: new Date(Date.UTC(2024, 0, 1) + i * 600_000).toISOString(),
    p99Ms: Math.round((0.3 + dice.number() ** 4 * 400) * 100) / 100,
    contentTypes:
      dice.number() < 0.5
        ? ['application/json', 'text/csv']
        : [dice.pick(['application/json', 'text/csv', 'image/png', 'audio/wav'])],
  };
}

type Words = Record<'object' | 'task' | 'field' | 'method' | 'count' | 'percent', string>;

function titleOf(dice: Chance, w: Words, domain: Domain): string {
  const titles = [
    () => `${brand(dice.pick, 2)} ${capital(w.task)}`,
    () => `${dice.pick(manners)} ${w.task} for ${w.object}`,
    () => `${capital(w.object)} ${w.task} (${w.method})`,
    () =>
      `${brand(dice.pick, 1)}${dice.pick(['Net', 'Lens', 'Cast', 'Sense', 'IQ'])}: ${w.task} of ${w.object}`,
    () => `${capital(w.task)} for ${w.field} with ${w.method}`,
    () => `${domain.category}: ${w.object} ${w.task}`,
  ];
  return dice.pick(titles)().slice(0, 72);
}

function documentOf(title: string, w: Words, domain: Domain, dice: Chance): ProductDocument {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: keyof Words) => w[name]);
  const free = dice.number() < 0.35;
  return {
    listing: {
      visibility: 'public',
      title,
      shortDescription: `${dice.pick(manners)} ${w.task} of ${w.object} for ${w.field}, built with ${w.method}. ${fill(dice.pick(sentences))}`,
      longDescription: Array.from({ length: 6 }, () => fill(dice.pick(sentences))).join('\n\n'),
      highlights: [fill(dice.pick(sentences)), fill(dice.pick(sentences))],
      categories: [domain.category, domain.second] as NonNullable<
        NonNullable<ProductDocument['listing']>['categories']
      >,
    },
    promotion: { keywords: [w.task, w.object, w.field, w.method] },
    support: { offered: true, description: 'Answers within two working days.', email: 'support@example.com' },
    regions: { mode: 'all' },
    versions: [
      {
        number: '1.0.0',
        modelPackageArn: 'arn:aws:sagemaker:souk-home-1:300000000000:model-package/generated',
        state: 'listed',
        releaseNotes: 'First release.',
        usageInstructions: 'Send one record per line.',
        input: {
          description: 'A record',
          samples: { contentType: 'text/csv', realtime: '5.1,3.5,1.4,0.2\n' },
        },
        output: { description: 'A score', samples: { contentType: 'text/csv', realtime: '0.97\n' } },
      },
    ],
    plans: free
      ? [{ id: 'free', name: 'Free', currency: 'USD', parts: [] }]
      : [
          {
            id: 'usage',
            name: 'Pay as you go',
            currency: 'USD',
            parts: [
              {
                kind: 'usage',
                dimension: 'inference.count',
                pricePerUnit: (Math.ceil(dice.number() * 500) / 10_000).toString(),
                includedQuantity: 1000,
              },
            ],
          },
        ],
    terms: { eula: 'You may use the model as you like.', refundPolicy: 'Within 48 hours.' },
  };
}

async function insertProducts(tx: Tx, list: readonly GeneratedProduct[]): Promise<void> {
  const given = sql`jsonb_to_recordset(${json(list)}) as g (id text, "revisionId" text, "accountId" text, slug text, type text, document jsonb, sha256 text,
    "createdAt" timestamptz, "p99Ms" float8, "contentTypes" jsonb)`;
  await sql`insert into products (id, account_id, slug, type, draft, draft_sha256, created_by, created_at)
    select id, "accountId", slug, type, '{}', sha256, 'generator', "createdAt" from ${given}`.execute(tx);
  await sql`insert into revisions (id, product_id, number, document, sha256, created_by, created_at)
    select "revisionId", id, 1, document, sha256, 'generator', "createdAt" from ${given}`.execute(tx);
  await sql`update products p set live_revision_id = g."revisionId" from ${given} where p.id = g.id`.execute(
    tx,
  );
  await sql`insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, resource, bom, measured, evidence, released_at)
    select id, '1.0.0', 'mpk_00000000000000000000', sha256, 1000000, 'generated', jsonb_build_object('inferenceSpecification', jsonb_build_object('supportedContentTypes', "contentTypes",
        'supportedResponseMIMETypes', "contentTypes", 'supportedRealtimeInferenceInstanceTypes', jsonb_build_array('ml.m5.large'), 'supportedTransformInstanceTypes', jsonb_build_array('ml.m5.large')), 'onnx', null),
      '{}', jsonb_build_array(jsonb_build_object('instanceType', 'ml.m5.large', 'p50Ms', "p99Ms" / 2, 'p99Ms', "p99Ms", 'callsPerSecond', 100, 'calls', 1000,
        'histogram', '[]'::jsonb, 'measuredAt', "createdAt")), '[]', now()
    from ${given}`.execute(tx);
}
