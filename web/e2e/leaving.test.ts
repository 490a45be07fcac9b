import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Draft, operations, type Plan } from '@souk/contract';
import type { Browser } from 'playwright-core';
import { accessible, schemes } from './accessible.ts';
import { launch, open, overflow, type Visit, visit } from './browser.ts';
import { type Marketplace, openMarketplace } from './marketplace.ts';

/** A private plan, a price that changes, a product that leaves, a take-down: as publisher, buyer and operator see them. */
let browser: Browser;
let market: Marketplace;
let publisher: Visit;
let buyer: Visit;
let operator: Visit;
const pictures = process.env.SOUK_E2E_PICTURES;

before(async () => {
  [browser, market] = await Promise.all([launch(), openMarketplace()]);
  const { url, people } = market;
  publisher = await visit(browser, { url, credentials: people.publisher });
  buyer = await visit(browser, { url, credentials: people.buyer });
  operator = await visit(browser, { url, credentials: people.operator });
});
after(async () => {
  await browser.close();
  await market.close();
});

/** What holds of every page, in this state of it. */
async function sound({ page, complaints }: Visit, name: string): Promise<void> {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    assert.equal(await overflow(page), 0, `${name} at ${width}`);
  }
  for (const scheme of schemes) await accessible(page, scheme);
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }
  assert.deepEqual(complaints(), []);
}

async function changeDraft(change: (plans: readonly Plan[]) => Plan[]): Promise<void> {
  const { client } = market.people.publisher;
  const params = { productId: market.places.productId };
  const draft: Draft = await client.ok(operations.getDraft, { params });
  const document = { ...draft.document, plans: change(draft.document.plans ?? []) };
  await client.ok(operations.putDraft, { params, body: { version: draft.version, document } });
}

test('before a price is released, its publisher reads for whom it changes and from when', async () => {
  await changeDraft((plans) => [
    ...plans.map((p) => ({
      ...p,
      ...(p.parts?.length ? { parts: p.parts.map((part) => ({ ...part, pricePerUnit: '9.5' })) } : {}),
    })),
    { id: 'partners', name: 'Partners', visibility: 'private' as const },
  ]);
  const { page } = publisher;
  await open(page, `/publish/products/${market.places.productId}`);
  await page.getByText('The draft changes the price of').waitFor();
  const said = page.getByRole('listitem').filter({ hasText: '1 subscriber who now pays' });
  assert.match((await said.textContent()) ?? '', /: from .*\d{4} \S*9\.50? per call/);
  await sound(publisher, 'prices-overview');
});

test('a private plan’s audience takes accounts one by one and names the wrong lines of a file', async () => {
  const { page } = publisher;
  await page.getByLabel('Account id').fill('123456789012');
  await page.getByLabel('Note', { exact: true }).fill('Signed in May');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('Signed in May').waitFor();
  await page
    .locator('input[type=file]')
    .last()
    .setInputFiles({
      name: 'buyers.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('210987654321,Fine\n12345,Too short\n'),
    });
  await page.getByText('“12345” is not an account id.').first().waitFor();
  await page.getByText('1 of 5,000 accounts').waitFor();
  // A refused file is a complaint of the browser too, and no fault of the page.
  publisher.complaints().length = 0;
});

test('a publisher unpublishes, and the page says until when its subscribers are served', async () => {
  const { page } = publisher;
  await page.getByRole('button', { name: 'Unpublish listing' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Nobody maintains it.');
  await dialog.getByRole('button', { name: 'Unpublish listing' }).click();
  await page.getByText('No longer sold; subscribers are served until').waitFor();
  await page.getByText('2 subscriptions left.').waitFor();
  await page.getByRole('button', { name: 'Keep the product' }).waitFor();
});

test('a subscriber sees the countdown on product, subscription and list; others find nothing', async () => {
  const { page } = buyer;
  const { publisher: slug, product, subscriptionId } = market.places;
  await open(page, `/products/${slug}/${product}`);
  await page.getByText(/No longer sold, supported until .*: 90 days left/).waitFor();
  await sound(buyer, 'leaving-product');
  await open(page, `/subscriptions/${subscriptionId}`);
  await page.getByText(/90 days left/).waitFor();
  await page.getByRole('button', { name: 'Export terms, usage and costs' }).waitFor();
  await sound(buyer, 'leaving-subscription');
  await open(page, '/subscriptions');
  await page.getByText('90 days left').waitFor();
  const stranger = await visit(browser, { url: market.url });
  const answer = await stranger.page.request.get(`${market.url}/api/catalog/products/${slug}/${product}`);
  assert.equal(answer.status(), 404);
  await stranger.context.close();
});

test('the operator takes it down with a reason that its publisher reads, and restores it', async () => {
  const { page } = operator;
  await open(page, '/operate/removals');
  await page.getByRole('button', { name: 'Take a product down' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Product').fill(`${market.places.publisher}/${market.places.product}`);
  await dialog.getByLabel('Reason').fill('It keeps what it is sent.');
  await dialog.getByRole('button', { name: 'Take it down' }).click();
  await page
    .getByText('Taken down', { exact: true })
    .or(page.getByText('Down', { exact: true }))
    .first()
    .waitFor();
  await sound(operator, 'removals');
  await open(publisher.page, `/publish/products/${market.places.productId}`);
  await publisher.page.getByText('The operator took this product down').waitFor();
  await sound(publisher, 'taken-down-overview');
  await page.getByRole('button', { name: 'Restore' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('Mended.');
  await page.getByRole('dialog').getByRole('button', { name: 'Restore it' }).click();
  await page.getByText('Restored').first().waitFor();
});
