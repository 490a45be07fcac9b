import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogItem, CatalogPage } from '@souk/contract';
import { insertProduct, usagePlan } from '../../../test/catalog.ts';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { type Caller, visitor } from '../../platform/authorize.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { catalogRoutes, newCatalog } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const catalog = newCatalog(platform, {
  verifyStatement: () => true,
  callDeployment: async () => null,
  policies: () => Promise.reject(new Error('nobody tries here')),
});
const { send } = testServer(platform, catalogRoutes(catalog));
const released = (subject: string) =>
  catalog.subscriber.handle({
    id: 1,
    type: 'submission.released',
    subject,
    accountId: null,
    data: {},
    at: new Date(),
  });

const seller = await testMember(db);
const list: [slug: string, title: string, keywords: string, text: string][] = [
  ['iris', 'Iris Flower Classifier', 'iris,botany,petals', 'Tells the species of an iris from four lengths.'],
  ['fraud', 'Card Fraud Detection', 'fraud,payments', 'Scores card payments as they happen.'],
  ['churn', 'Churn Predictor', 'churn,retention', 'Says which customers are about to leave.'],
  ['sentiment', 'Sentiment of Reviews', 'sentiment,text', 'Positive or negative, in nine languages.'],
  ['resnet', 'ResNet-50 Image Classifier', 'image,resnet', 'A thousand classes of things in pictures.'],
  ['plates', 'License Plate Recognition', 'vehicles,plates', 'Reads plates of cars in traffic.'],
  ['speech', 'Speech Transcription', 'audio,speech', 'Meetings as text, with who said what.'],
  ['wind', 'Wind Power Forecasting', 'energy,wind', 'Output of turbines for the next two days.'],
  ['credit', 'Credit Scoring', 'loans,credit', 'The risk of a loan, explained.'],
  ['bearing', 'Bearing Anomaly Detection', 'vibration,maintenance', 'Hears a bearing fail weeks before.'],
  ['retina', 'Retina Screening', 'health,eyes', 'Grades diabetic retinopathy in photographs.'],
  ['search', 'Semantic Search', 'embedding,search', 'Finds passages that mean the same.'],
];
for (const [i, [slug, title, keywords, shortDescription]] of list.entries())
  await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'lab',
    publisherName: 'Quantico Lab',
    slug,
    title,
    keywords: keywords.split(','),
    shortDescription,
    longDescription: `It is delivered with a notebook. ${slug === 'wind' ? 'Calibrated by meteorologists.' : ''}`,
    categories: slug === 'speech' ? ['Audio'] : ['Structured'],
    plans: i % 2 ? [usagePlan] : [{ id: 'free' }],
    contentTypes: slug === 'resnet' ? ['image/png'] : ['text/csv'],
    p99Ms: 20 - i,
    publishedAt: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
    ...(slug === 'wind' ? { region: 'souk-north-1' } : {}),
  });
await catalog.rebuild();

async function find(query: Record<string, string>, caller: Caller = visitor): Promise<CatalogPage> {
  const answer = await send(caller, {
    url: `/api/catalog/products?${new URLSearchParams(query)}`,
  });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}
const slugs = (page: { items: readonly CatalogItem[] }) => page.items.map((i) => i.slug);

test('words find what they mean, however they are bent, begun or misspelt', async () => {
  const cases: [q: string, first: string][] = [
    ['iris', 'iris'],
    ['classifying irises', 'iris'],
    ['IRIS classifiers', 'iris'],
    ['flower classif', 'iris'],
    ['fraud', 'fraud'],
    ['detect fraud', 'fraud'],
    ['resnet 50', 'resnet'],
    ['ResNet-50', 'resnet'],
    ['customers leave', 'churn'],
    ['meteorologist', 'wind'],
    ['quantico credit', 'credit'],
    ['irsi', 'iris'],
    ['clasifier iris', 'iris'],
    ['sentimnet', 'sentiment'],
    ['licence plate', 'plates'],
    ['recogniton', 'plates'],
    ['transcripton', 'speech'],
    ['forcasting', 'wind'],
    ['wnid', 'wind'],
    ['vibraton anomaly', 'bearing'],
    ['semantc serch', 'search'],
    ['crdit scoring', 'credit'],
  ];
  for (const [q, first] of cases) assert.equal(slugs(await find({ q }))[0], first, q);
});

test('what was meant is shown when nothing was found, and said', async () => {
  assert.equal((await find({ q: 'irsi' })).suggestion, 'iris');
  assert.equal((await find({ q: 'iris' })).suggestion, null);
  const nothing = await find({ q: 'xylophone' });
  assert.deepEqual([nothing.items, nothing.total, nothing.suggestion], [[], 0, null]);
});

test('a word in the title stands before a word in the text', async () => {
  assert.deepEqual(slugs(await find({ q: 'text' })).slice(0, 2), ['sentiment', 'speech']);
  assert.equal(slugs(await find({ q: 'credit scoring' }))[0], 'credit');
});

test('signs of a query language are no language here', async () => {
  for (const q of [
    "'",
    '& | !',
    'iris & ! (',
    ':*',
    '\\',
    "iris'); drop table products; --",
    '\u0000',
    '%',
    '"iris"',
  ])
    await find({ q });
  assert.equal(slugs(await find({ q: 'iris & !(flower' }))[0], 'iris');
});

test('filters narrow, alone and together', async () => {
  assert.deepEqual(slugs(await find({ category: 'Audio' })), ['speech']);
  assert.deepEqual(slugs(await find({ contentType: 'image/png' })), ['resnet']);
  assert.equal((await find({ priceKind: 'free' })).total, 6);
  assert.equal((await find({ publisher: 'lab' })).total, list.length);
  assert.equal((await find({ publisher: 'nobody' })).total, 0);
  assert.equal((await find({ type: 'algorithm' })).total, 0);
  assert.equal((await find({ region: 'souk-south-1' })).total, list.length - 1);
  assert.equal((await find({ region: 'souk-north-1' })).total, list.length);
  assert.deepEqual(slugs(await find({ q: 'classifier', priceKind: 'free', contentType: 'text/csv' })), [
    'iris',
  ]);
  assert.equal((await find({ contentType: "text/csv' | 'x" })).total, 0);
});

test('facets count what choosing another value would find', async () => {
  const all = await find({});
  assert.deepEqual(all.facets.priceKind, [
    { value: 'free', count: 6 },
    { value: 'usage', count: 6 },
  ]);
  assert.deepEqual(all.facets.publisher, [{ value: 'lab', count: list.length }]);
  const audio = await find({ category: 'Audio' });
  assert.deepEqual(audio.facets.category, all.facets.category);
  assert.deepEqual(audio.facets.priceKind, [{ value: 'free', count: 1 }]);
});

test('every sort is total, and its pages meet without gap or repetition', async () => {
  const expected: Record<string, string[]> = {
    newest: list.map(([slug]) => slug).reverse(),
    latency: list.map(([slug]) => slug).reverse(),
    title: [...list]
      .sort(([, a], [, b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .map(([slug]) => slug),
  };
  for (const query of [
    { sort: 'newest' },
    { sort: 'latency' },
    { sort: 'title' },
    { q: 'notebook', sort: 'relevance' },
  ]) {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: CatalogPage = await find({ ...query, limit: '5', ...(cursor ? { cursor } : {}) });
      seen.push(...slugs(page));
      cursor = page.nextCursor;
    } while (cursor);
    assert.deepEqual(seen, expected[query.sort] ?? expected.newest, query.sort);
  }
});

test('a private product shows itself to its owner and its audience only, in lists, counts and suggestions', async () => {
  const [friend, stranger] = [await testMember(db), await testMember(db)];
  const { productId } = await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'lab',
    slug: 'secret',
    title: 'Zirconium Assay',
    visibility: 'private',
    audience: [friend.accountId],
    categories: ['Science'],
  });
  await released(productId);
  for (const caller of [visitor, stranger]) {
    assert.deepEqual((await find({ q: 'zirconium' }, caller)).items, []);
    assert.equal((await find({ q: 'zirconum' }, caller)).suggestion, null);
    assert.equal((await find({}, caller)).total, list.length);
    assert.deepEqual((await find({}, caller)).facets.category.map((f) => f.value).sort(), [
      'Audio',
      'Structured',
    ]);
  }
  for (const caller of [friend, seller]) {
    assert.deepEqual(slugs(await find({ q: 'zirconium' }, caller)), ['secret']);
    assert.equal((await find({}, caller)).total, list.length + 1);
    assert.ok((await find({}, caller)).facets.category.some((f) => f.value === 'Science'));
  }
  assert.equal((await find({}, visitor)).total, list.length);
});

test('a preview is found by its audience, with its badge, and leaves no trace for anybody else', async () => {
  const [tester, stranger] = [await testMember(db), await testMember(db)];
  const before = [
    await find({}, stranger),
    await find({ q: 'quokka' }, stranger),
    await find({ category: 'Video' }, stranger),
  ];
  await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'lab',
    slug: 'preview',
    title: 'Quokka Counter',
    slot: 'preview',
    testAccounts: [tester.accountId],
    categories: ['Video'],
    publishedAt: '2026-11-01T00:00:00Z',
  });
  for (const caller of [visitor, stranger])
    assert.deepEqual(
      [
        await find({}, caller),
        await find({ q: 'quokka' }, caller),
        await find({ category: 'Video' }, caller),
      ],
      before,
    );
  for (const caller of [tester, seller]) {
    const page = await find({ q: 'quokka' }, caller);
    assert.deepEqual(
      page.items.map((i) => [i.slug, i.limited, i.publishedAt]),
      [['preview', true, null]],
    );
    assert.equal(page.total, 1);
    assert.deepEqual(page.facets.category, [{ value: 'Video', count: 1 }]);
    assert.deepEqual(slugs(await find({ q: 'iris' }, caller)), ['iris']);
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: CatalogPage = await find({ limit: '1', ...(cursor ? { cursor } : {}) }, tester);
    seen.push(...slugs(page));
    cursor = page.nextCursor;
  } while (cursor);
  assert.deepEqual(seen, ['preview', ...list.map(([slug]) => slug).reverse()]);
});

test('news told twice, or of a product that has left, leave the projection as the products are', async () => {
  const { productId } = await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'lab',
    slug: 'tarpon',
    title: 'Tarpon Finder',
    keywords: ['tarpon'],
  });
  const words = () =>
    rows(
      db,
      sql`select word, entries from catalog_words where word in ('tarpon', 'finder', 'lab', 'iris') order by word`,
    );
  const before = await words();
  await Promise.all([released(productId), released(productId), released(productId)]);
  assert.equal((await find({ q: 'tarpon' })).total, 1);
  assert.equal(
    (await row<{ entries: number }>(db, sql`select entries from catalog_words where word = 'tarpon'`))
      ?.entries,
    1,
  );
  await sql`update products set live_revision_id = null where id = ${productId}`.execute(db);
  assert.deepEqual(await catalog.drift(), { missing: 0, outdated: 0, stray: 1 });
  await catalog.subscriber.handle({
    id: 2,
    type: 'product.withdrawn',
    subject: productId,
    accountId: null,
    data: {},
    at: new Date(),
  });
  assert.equal((await find({ q: 'tarpon' })).total, 0);
  assert.deepEqual(await words(), before);
  assert.deepEqual(await catalog.drift(), { missing: 0, outdated: 0, stray: 0 });
});

test('a publisher’s new name is on its entries', async () => {
  await sql`update publishers set display_name = 'Heron Works' where account_id = ${seller.accountId}`.execute(
    db,
  );
  await catalog.subscriber.handle({
    id: 3,
    type: 'publisher.updated',
    subject: seller.accountId,
    accountId: seller.accountId,
    data: {},
    at: new Date(),
  });
  assert.equal((await find({ q: 'heron' })).total, list.length);
  assert.equal((await find({ q: 'quantico' })).total, 0);
});

test('drawn anew from the products, the projection is the same to the byte', async () => {
  const all = () =>
    rows(db, sql`select e.*, e.head::text, e.search::text from catalog_entries e order by product_id`);
  const words = () => rows(db, sql`select * from catalog_words order by word`);
  const before = [await all(), await words()];
  await sql`update catalog_entries set item = '{}', words = '{}'`.execute(db);
  await sql`delete from catalog_words`.execute(db);
  await catalog.rebuild();
  assert.deepEqual([await all(), await words()], before);
});
