import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CatalogPage,
  type CatalogProduct,
  feedbackLimits,
  type MyReview,
  type ProductReview,
} from '@souk/contract';
import { testFeedback } from '../../../test/feedback.ts';
import { visitor } from '../../platform/authorize.ts';
import { row, sql } from '../../platform/db.ts';

const market = await testFeedback();
const { ok, refused, db } = market;
const seller = await market.member();
const tester = await market.member();
let products = 0;
async function product(more: object = {}) {
  const slug = `iris-${++products}`;
  const given = {
    accountId: seller.accountId,
    publisher: 'botany',
    slug,
    title: `Iris ${products}`,
    ...more,
  };
  const { productId } = await market.release(given);
  await market.draw(productId);
  return { slug, productId, address: { publisher: 'botany', product: slug } };
}
async function user(productId: string, units = 1) {
  const who = await market.member();
  await market.uses(who, productId, units);
  return who;
}
interface Page {
  summary: { count: number; average: number | null; distribution: number[] };
  items: ProductReview[];
  nextCursor: string | null;
}
const reviews = (slug: string, query = '') =>
  ok<Page>(visitor, 'GET', `/api/catalog/products/botany/${slug}/reviews${query}`);
const words = { title: 'Does what it says', text: 'Right on our own flowers, too.' };

test('who has used a product reviews it once; writing again edits the review, and everybody reads it', async () => {
  const { slug, productId, address } = await product();
  const buyer = await user(productId);
  const first = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 2, ...words });
  assert.deepEqual([first.rating, first.version, first.editedAt, first.mine], [2, '1.0.0', null, true]);
  market.wait(1000);
  const second = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 5, ...words });
  assert.equal(second.id, first.id);
  assert.ok(second.editedAt);
  const { summary, items } = await reviews(slug);
  assert.deepEqual(summary, { count: 1, average: 5, distribution: [0, 0, 0, 0, 1] });
  assert.deepEqual(
    [items.length, items[0]?.author, items[0]?.mine],
    [1, `Account ${buyer.accountId}`, false],
  );
});

test('an account without enough answered calls cannot review, and is told how many it has', async () => {
  const { productId, address } = await product();
  const stranger = await market.member();
  const idle = await user(productId, feedbackLimits.reviewUnitsMin - 1);
  for (const who of [stranger, idle]) {
    assert.equal(
      await refused(who, 'PUT', '/api/reviews', { ...address, rating: 5, ...words }),
      'feedback.usage_needed',
    );
    const mine = await ok<MyReview>(
      who,
      'GET',
      `/api/reviews/mine?publisher=botany&product=${address.product}`,
    );
    assert.equal(mine.mayReview, false);
    assert.match(mine.why ?? '', /this account has 0/);
  }
});

test('the publisher and the accounts that test for it cannot review, however much they call', async () => {
  const { productId, address } = await product({ testAccounts: [tester.accountId] });
  for (const who of [seller, tester]) {
    await market.uses(who, productId, 100);
    assert.equal(
      await refused(who, 'PUT', '/api/reviews', { ...address, rating: 5, ...words }),
      'feedback.own_product',
    );
  }
});

test('members who write at the same time leave one review, and the summary counts it once', async () => {
  const { slug, productId, address } = await product();
  const buyer = await user(productId);
  await Promise.all(
    [1, 2, 3, 4, 5].map((rating) => ok(buyer, 'PUT', '/api/reviews', { ...address, rating, ...words })),
  );
  const { summary, items } = await reviews(slug);
  assert.equal(items.length, 1);
  assert.equal(summary.count, 1);
  assert.equal(summary.average, items[0]?.rating);
});

test('reviews of many accounts at the same time are all in the summary', async () => {
  const { slug, productId, address } = await product();
  const buyers = await Promise.all([1, 2, 3, 4, 5].map(() => user(productId)));
  await Promise.all(
    buyers.map((b, i) => ok(b, 'PUT', '/api/reviews', { ...address, rating: i + 1, ...words })),
  );
  const { summary } = await reviews(slug);
  assert.deepEqual(summary, { count: 5, average: 3, distribution: [1, 1, 1, 1, 1] });
});

test('rating, title and text have limits, each off by one refused', async () => {
  const { productId, address } = await product();
  const buyer = await user(productId);
  const good = { ...address, rating: 5, title: 'x'.repeat(120), text: 'x'.repeat(5000) };
  await ok(buyer, 'PUT', '/api/reviews', good);
  for (const wrong of [
    { rating: 0 },
    { rating: 6 },
    { rating: 4.5 },
    { title: '' },
    { title: ' ' },
    { title: 'x'.repeat(121) },
    { text: '' },
    { text: 'x'.repeat(5001) },
  ])
    assert.equal(await refused(buyer, 'PUT', '/api/reviews', { ...good, ...wrong }), 'request.invalid');
  assert.equal(
    await refused(buyer, 'PUT', '/api/reviews', { ...good, version: '9.9.9' }),
    'feedback.version_unknown',
  );
});

test('an account may stay unnamed; its name is then nowhere in the answer', async () => {
  const { slug, productId, address } = await product();
  const buyer = await user(productId);
  await ok(buyer, 'PUT', '/api/reviews', { ...address, rating: 4, ...words, showName: false });
  const page = await reviews(slug);
  assert.equal(page.items[0]?.author, 'A buyer');
  assert.ok(!JSON.stringify(page).includes(buyer.accountId));
});

test('the publisher replies once and edits the reply; nobody else can', async () => {
  const { slug, productId, address } = await product();
  const buyer = await user(productId);
  const { id } = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 3, ...words });
  const url = `/api/reviews/${id}/reply`;
  for (const who of [buyer, await market.member()])
    assert.equal(await refused(who, 'PUT', url, { text: 'No.' }), 'feedback.review_missing');
  await ok(seller, 'PUT', url, { text: 'Thank you.' });
  market.wait(1000);
  await ok(seller, 'PUT', url, { text: 'Thank you, we mended it.' });
  const reply = (await reviews(slug)).items[0]?.reply;
  assert.equal(reply?.text, 'Thank you, we mended it.');
  assert.ok(reply.editedAt && reply.editedAt > reply.at);
  assert.equal(market.published.filter((e) => e.type === 'review.replied' && e.subject === id).length, 1);
});

test('only its own account takes a review back; the rating goes with it', async () => {
  const { slug, productId, address } = await product();
  const buyer = await user(productId);
  const { id } = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 3, ...words });
  assert.equal(await refused(seller, 'DELETE', `/api/reviews/${id}`), 'feedback.review_missing');
  await ok(buyer, 'DELETE', `/api/reviews/${id}`);
  assert.deepEqual((await reviews(slug)).summary, { count: 0, average: null, distribution: [0, 0, 0, 0, 0] });
});

test('pages of every order neither repeat nor hide a review, and go by what they say', async () => {
  const { slug, productId, address } = await product();
  const ratings = [3, 5, 1, 5, 2, 4, 1];
  for (const rating of ratings)
    await ok(await user(productId), 'PUT', '/api/reviews', { ...address, rating, ...words });
  for (const [sort, expected] of [
    ['highest', ratings.toSorted((a, b) => b - a)],
    ['lowest', ratings.toSorted((a, b) => a - b)],
    ['newest', null],
  ] as const) {
    const seen: ProductReview[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await reviews(slug, `?sort=${sort}&limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.items);
      cursor = page.nextCursor;
    }
    assert.equal(new Set(seen.map((r) => r.id)).size, ratings.length, sort);
    if (expected)
      assert.deepEqual(
        seen.map((r) => r.rating),
        expected,
      );
  }
  assert.deepEqual((await reviews(slug, '?rating=5')).items.length, 2);
  assert.equal(
    await refused(visitor, 'GET', `/api/catalog/products/botany/${slug}/reviews?cursor=x`),
    'request.invalid',
  );
});

test('a hidden review is gone for everybody but its two sides, counts for nothing, and cannot be edited round', async () => {
  const { slug, productId, address } = await product();
  const operator = await market.member(['operator-admin']);
  const [buyer, other] = [await user(productId), await user(productId)];
  const { id } = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 1, ...words });
  await ok(other, 'PUT', '/api/reviews', { ...address, rating: 5, ...words });
  const moderate = (who: typeof operator, decision: string) =>
    [who, 'POST', `/api/operator/feedback/${id}`, { decision, reason: 'Names a person.' }] as const;
  assert.equal(await refused(...moderate(seller, 'hide')), 'request.forbidden');
  assert.equal(await refused(...moderate(operator, 'restore')), 'feedback.not_in_state');
  await ok(...moderate(operator, 'hide'));
  assert.equal(await refused(...moderate(operator, 'hide')), 'feedback.not_in_state');
  assert.deepEqual((await reviews(slug)).summary, { count: 1, average: 5, distribution: [0, 0, 0, 0, 1] });
  assert.ok((await reviews(slug)).items.every((r) => r.id !== id));
  const mine = await ok<MyReview>(buyer, 'GET', `/api/reviews/mine?publisher=botany&product=${slug}`);
  assert.equal(mine.review?.hidden?.reason, 'Names a person.');
  assert.equal(mine.mayReview, false);
  for (const [method, url, body] of [
    ['PUT', '/api/reviews', { ...address, rating: 5, ...words }],
    ['DELETE', `/api/reviews/${id}`, undefined],
  ] as const)
    assert.equal(await refused(buyer, method, url, body), 'feedback.hidden');
  assert.equal(await refused(seller, 'PUT', `/api/reviews/${id}/reply`, { text: 'x' }), 'feedback.hidden');
  await ok(...moderate(operator, 'restore'));
  assert.equal((await reviews(slug)).summary.count, 2);
});

test('two operators who hide and keep at the same time: one decides, the other is refused', async () => {
  const { productId, address } = await product();
  const operators = [
    await market.member(['operator-admin']),
    await market.member(['operator-reviewer']),
  ] as const;
  const buyer = await user(productId);
  const { id } = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 1, ...words });
  await ok(seller, 'POST', '/api/feedback-reports', { itemId: id, reason: 'Untrue.' });
  const asked = await Promise.allSettled(
    operators.map((who) =>
      ok(who, 'POST', `/api/operator/feedback/${id}`, { decision: 'hide', reason: 'Untrue.' }),
    ),
  );
  assert.equal(asked.filter((a) => a.status === 'fulfilled').length, 1);
});

test('a report counts once for a person, waits for the operator, and ends with the decision', async () => {
  const { productId, address } = await product();
  const operator = await market.member(['operator-reviewer']);
  const buyer = await user(productId);
  const { id } = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 1, ...words });
  const queue = async () =>
    (
      await ok<{ items: { id: string; reports: unknown[]; state: string }[] }>(
        operator,
        'GET',
        '/api/operator/feedback',
      )
    ).items.filter((i) => i.id === id);
  assert.deepEqual(await queue(), []);
  const report = { itemId: id, reason: 'Advertises something else.' };
  assert.equal(await refused(visitor, 'POST', '/api/feedback-reports', report), 'request.unauthenticated');
  await ok(seller, 'POST', '/api/feedback-reports', report);
  await ok(seller, 'POST', '/api/feedback-reports', report);
  assert.equal((await queue())[0]?.reports.length, 1);
  await ok(operator, 'POST', `/api/operator/feedback/${id}`, {
    decision: 'keep',
    reason: 'It is an opinion.',
  });
  assert.deepEqual(await queue(), []);
  assert.equal(
    await refused(seller, 'POST', '/api/feedback-reports', { itemId: `rvw_${'0'.repeat(20)}`, reason: 'x' }),
    'feedback.item_missing',
  );
});

test('a private product’s reviews are nothing to others, neither to read nor to report', async () => {
  const friend = await market.member();
  const { slug, productId } = await product({ visibility: 'private', audience: [friend.accountId] });
  const id = `rvw_${'7'.repeat(20)}`;
  await sql`insert into product_reviews (id, product_id, account_id, rating, title, body, version, show_name, written_by, created_at)
    values (${id}, ${productId}, ${friend.accountId}, 4, 'Good', 'Fine.', '1.0.0', true, 'x', now())`.execute(
    db,
  );
  const url = `/api/catalog/products/botany/${slug}/reviews`;
  const outsider = await market.member();
  assert.equal(await refused(outsider, 'GET', url), 'catalog.missing');
  assert.equal(
    await refused(outsider, 'POST', '/api/feedback-reports', { itemId: id, reason: 'x' }),
    'feedback.item_missing',
  );
  assert.equal((await ok<Page>(friend, 'GET', url)).items.length, 1);
});

test('a person who writes more than the limit waits, and may go on later', async () => {
  const { productId, address } = await product();
  const buyer = await user(productId);
  const write = { ...address, rating: 4, ...words };
  for (let i = 0; i < feedbackLimits.writesPerHour; i++) await ok(buyer, 'PUT', '/api/reviews', write);
  assert.equal(await refused(buyer, 'PUT', '/api/reviews', write), 'request.limited');
  market.wait(3_600_000 / feedbackLimits.writesPerHour);
  await ok(buyer, 'PUT', '/api/reviews', write);
});

test('the rating is on the product’s card and page, sorts and filters the search', async () => {
  const [good, bad, none] = [await product(), await product(), await product()];
  for (const [p, rating] of [
    [good, 5],
    [good, 4],
    [bad, 2],
  ] as const)
    await ok(await user(p.productId), 'PUT', '/api/reviews', { ...p.address, rating, ...words });
  for (const p of [good, bad, none]) await market.draw(p.productId);
  const ours = new Set([good, bad, none].map((p) => p.slug));
  const search = async (query: string) => {
    const page = await ok<CatalogPage>(visitor, 'GET', `/api/catalog/products?limit=100&${query}`);
    return { page, slugs: page.items.map((i) => i.slug).filter((s) => ours.has(s)) };
  };
  assert.deepEqual((await search('sort=rating')).slugs, [good.slug, none.slug, bad.slug]);
  assert.deepEqual((await search('rating=4')).slugs, [good.slug]);
  const { page } = await search('sort=title');
  assert.ok((page.facets.rating.find((f) => f.value === '4')?.count ?? 0) >= 1);
  assert.deepEqual(page.items.find((i) => i.slug === good.slug)?.rating, { count: 2, average: 4.5 });
  const shown = await ok<CatalogProduct>(visitor, 'GET', `/api/catalog/products/botany/${bad.slug}`);
  assert.deepEqual(shown.item.rating, { count: 1, average: 2 });
  // Drawn again from the products it is the same row.
  const entry = () => row(db, sql`select * from catalog_entries where product_id = ${good.productId}`);
  const before = await entry();
  await market.catalog.rebuild();
  assert.deepEqual(await entry(), before);
});

test('a review is written with its news and its audit entry', async () => {
  const { productId, address } = await product();
  const buyer = await user(productId);
  const { id } = await ok<ProductReview>(buyer, 'PUT', '/api/reviews', { ...address, rating: 4, ...words });
  const entry = await row<{ action: string; actor: string }>(
    db,
    sql`select action, actor from audit_entries where target = ${id}`,
  );
  assert.deepEqual(entry, { action: 'review.written', actor: buyer.email });
  assert.equal(market.published.filter((e) => e.subject === id).length, 1);
});
