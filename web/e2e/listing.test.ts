import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operations, type ProductDocument } from '@souk/contract';
import type { Browser, Page } from 'playwright-core';
import { createIris } from '../../test/journeys/publish.ts';
import {
  type Person,
  type RunningSouk,
  removeFolder,
  root,
  signUp,
  startSouk,
} from '../../test/journeys/souk.ts';
import { launch, type Visit, visit } from './browser.ts';

/** The editor of a listing and what it promises, in a real Chromium. */
let souk: RunningSouk;
let browser: Browser;
let person: Person;
let publisher: Visit;
let productId: string;

before(async () => {
  [souk, browser] = await Promise.all([startSouk(), launch()]);
  person = await signUp(souk.url, 'publisher');
  productId = (await createIris(person, 'flowers')).id;
  publisher = await visit(browser, { url: souk.url, credentials: person });
});
after(async () => {
  await browser.close();
  await souk.stop();
  removeFolder(souk.dataDir);
});

const open = (section: string) =>
  publisher.page.goto(`/publish/products/${productId}/edit?section=${section}`);
const draft = () => person.client.ok(operations.getDraft, { params: { productId } });
const saved = (page: Page) => page.getByText(/^Saved/).waitFor();

const hostile = [
  '<img src=x onerror="window.hacked=1">',
  '<script>window.hacked=1</script>',
  '[run](javascript:window.hacked=1)',
  '[run](java\tscript:window.hacked=1)',
  '[run](&#106;avascript:window.hacked=1)',
  '![track](https://tracker.invalid/p.gif)',
  '<a href="javascript:window.hacked=1">x</a>',
  '[x]: javascript:window.hacked=1\n\n[x]',
  '<svg/onload=window.hacked=1>',
  '`<script>window.hacked=1</script>`',
];

test('hostile Markdown does nothing in the preview and in the buyer’s view, and its place is named', async () => {
  const { page } = publisher;
  await open('listing');
  const field = page.getByLabel('Long description');
  await field.fill(hostile.join('\n\n'));
  await page.getByText(/raw HTML/).waitFor();
  await page.getByText(/embeds a picture/).waitFor();
  const findings = (await draft()).findings.filter((f) => f.pointer === '/listing/longDescription');
  assert.ok(findings.some((f) => f.code === 'text.markup_unsafe' && f.line === 1));
  assert.ok(findings.some((f) => f.code === 'text.remote_image' && f.line === 11));
  await page.getByText('Preview', { exact: true }).first().click();
  await page.getByRole('region', { name: 'Long description: preview' }).waitFor();
  assert.equal(await page.evaluate('window.hacked'), undefined);
  const shown = page.locator('main');
  for (const selector of [
    'script',
    'img[src*="tracker"]',
    'svg[onload]',
    'a[href^="javascript" i]',
    '[onerror]',
  ])
    assert.equal(await shown.locator(selector).count(), 0, selector);
  await page.getByText('Write', { exact: true }).first().click();
  await page.getByLabel('Long description').fill('Send four lengths, get a **species**.');
  await page.getByText(/raw HTML/).waitFor({ state: 'hidden' });
  assert.deepEqual(publisher.complaints(), []);
});

test('the first category stands for the product, and at most three are chosen', async () => {
  const { page } = publisher;
  await open('listing');
  for (const [n, name] of [
    [2, 'Text'],
    [3, 'Finance'],
  ] as const) {
    await page.getByRole('combobox', { name: `Product category ${n}` }).click();
    await page.getByRole('option', { name, exact: true }).click();
  }
  assert.equal(await page.getByRole('combobox', { name: 'Product category 4' }).count(), 0);
  await saved(page);
  assert.deepEqual((await draft()).document.listing?.categories, ['Structured', 'Text', 'Finance']);
});

test('an image is shown with what it says; a picture that moves is refused with its finding', async () => {
  const { page } = publisher;
  await open('promotion');
  const frame = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  const moving = Buffer.from([...Buffer.from('GIF89a'), 1, 0, 1, 0, 0, 0, 0, ...frame, ...frame, 0x3b]);
  await page
    .getByLabel('Add an image')
    .setInputFiles({ name: 'dance.gif', mimeType: 'image/gif', buffer: moving });
  await page.getByText('image.animated').waitFor();
  await page.getByLabel('Add an image').setInputFiles(join(root, 'docs/images/home.png'));
  await page.getByLabel('What image 1 shows').fill('The first page');
  await page.getByRole('button', { name: 'The first page' }).click();
  await page.getByRole('dialog').getByText('Image 1 of 1').waitFor();
  await page.keyboard.press('Escape');
  await saved(page);
  const [image] = (await draft()).document.promotion?.images ?? [];
  assert.equal(image?.alt, 'The first page');
  assert.ok((image?.image?.width ?? 0) > 200);
});

test('a sample may be a file, and a second content type has its own', async () => {
  const { page } = publisher;
  await open('versions');
  const batch = page.getByLabel('Give it as a file instead').first();
  await batch.setInputFiles({
    name: 'batch.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('5.1,3.5,1.4,0.2\n'),
  });
  await page.getByRole('link', { name: 'batch.csv' }).first().waitFor();
  await page.getByRole('button', { name: 'Add a content type of the input' }).click();
  await page.getByRole('combobox', { name: 'Content type of the further input samples' }).click();
  await page.getByRole('option', { name: 'text/csv' }).click();
  await page.getByLabel('Sample further input of one call').fill('5.1,3.5,1.4,0.2');
  await saved(page);
  const { document, findings } = await draft();
  const input = document.versions?.[0]?.input;
  assert.equal(input?.samples?.batchFile?.fileName, 'batch.csv');
  assert.deepEqual(input?.formats, [{ contentType: 'text/csv', realtime: '5.1,3.5,1.4,0.2' }]);
  assert.deepEqual(
    findings.filter((f) => f.severity === 'error'),
    [],
  );
});

test('the product page says what is there, what is missing, and leads to it', async () => {
  const { page } = publisher;
  await page.goto(`/publish/products/${productId}`);
  for (const name of ['Product summary', 'Listing', 'Submit for publishing'])
    await page.getByRole('heading', { level: 2, name, exact: true }).waitFor();
  for (const part of ['General product information', 'Launch options', 'Pricing and terms'])
    await page.getByRole('heading', { level: 3, name: part }).waitFor();
  await page.getByText('Available in all current and future supported regions').waitFor();
  await page.getByRole('link', { name: 'Edit: Promotional resources' }).click();
  await page.getByRole('heading', { level: 2, name: 'Promotion', exact: true }).waitFor();
});

test('a private product says that it stays private, and a copy is the way out', async () => {
  const { page } = publisher;
  const { document, version } = await draft();
  const hidden: ProductDocument = { ...document, listing: { ...document.listing, visibility: 'private' } };
  await person.client.ok(operations.putDraft, { params: { productId }, body: { version, document: hidden } });
  await person.client.ok(operations.submitProduct, { params: { productId }, body: {} });
  await open('listing');
  await page.getByText('This product stays private').waitFor();
  assert.equal(await page.getByRole('radio', { name: 'Public' }).first().isDisabled(), true);
  await page.getByRole('button', { name: 'Make a copy' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name in addresses').fill('flowers-for-all');
  await dialog.getByRole('button', { name: 'Make a copy' }).click();
  await page.getByText('flowers-for-all').first().waitFor();
  const { items } = await person.client.ok(operations.listProducts);
  assert.equal(items.find((p) => p.slug === 'flowers-for-all')?.visibility, 'public');
  assert.deepEqual(publisher.complaints(), []);
});

test('regions are settled after the submission, and the form says so', async () => {
  const { page } = publisher;
  await open('regions');
  await page.getByText(/Settled by the first submission/).waitFor();
  const all = page.getByRole('radio', { name: 'Make available in all current and future supported regions' });
  assert.equal(await all.isChecked(), true);
  assert.equal(await all.isDisabled(), true);
});
