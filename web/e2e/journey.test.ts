import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operations } from '@souk/contract';
import type { Browser, Page } from 'playwright-core';
import { mayBePaid } from '../../test/journeys/publish.ts';
import { Client, type RunningSouk, removeFolder, root, startSouk, until } from '../../test/journeys/souk.ts';
import { launch, type Visit, visit } from './browser.ts';

/** The main job in a real Chromium: two people sign up; one publishes a model, the other subscribes and calls it. */
let souk: RunningSouk;
let browser: Browser;
let publisher: Visit;
let buyer: Visit;
let apiKey: string;

const iris = (name: string) => join(root, 'examples/iris-classifier', name);
const text = (name: string) => readFileSync(iris(name), 'utf8');

before(async () => {
  [souk, browser] = await Promise.all([startSouk(), launch()]);
  publisher = await visit(browser, { url: souk.url });
  buyer = await visit(browser, { url: souk.url });
});
after(async () => {
  await browser.close();
  await souk.stop();
  removeFolder(souk.dataDir);
});

async function signUp(page: Page, name: string) {
  await page.goto('/');
  await page.getByRole('link', { name: 'Sign up' }).click();
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Organisation').fill(`${name} Works`);
  await page.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.org`);
  await page.getByLabel('Password', { exact: true }).fill('a sentence is fine');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('button', { name: `Account ${name} Works, switch` }).waitFor();
}

test('somebody signs up and becomes a publisher', async () => {
  const { page } = publisher;
  await signUp(page, 'Petra');
  await page.getByRole('link', { name: 'Publish', exact: true }).click();
  await page.getByRole('link', { name: 'Write the profile' }).click();
  await page.getByLabel('Display name').fill('Petra’s Flowers');
  await page.getByLabel('Name in addresses').fill('petra');
  await page.getByRole('button', { name: 'Become a publisher' }).click();
  await page.getByRole('link', { name: 'As buyers see it' }).waitFor();
  assert.deepEqual(publisher.complaints(), []);
});

test('who wants to be paid says how, and is verified; then a paid plan may be offered', async () => {
  const { request } = publisher.context;
  const made = await request.post('/api/account/keys', {
    data: { name: 'forms', scopes: ['manage'] },
    headers: { origin: souk.url },
  });
  const { key } = (await made.json()) as { key: string };
  const client = new Client(souk.url, key);
  await client.ok(operations.putPublisher, {
    body: {
      slug: 'petra',
      displayName: 'Petra’s Flowers',
      description: 'Models of flowers.',
      websiteUrl: 'https://petra.example',
      contactEmail: 'petra@example.org',
    },
  });
  await mayBePaid(client);
  const { page } = publisher;
  await page.reload();
  await page.getByRole('link', { name: 'As buyers see it' }).click();
  await page.getByText('Verified', { exact: true }).first().waitFor();
  await page.goBack();
});

test('a model is uploaded, registered and checked while one watches', async () => {
  const { page } = publisher;
  await page.getByRole('link', { name: 'Model packages' }).click();
  await page.getByRole('link', { name: 'Register a model' }).first().click();
  await page.locator('input[type=file]').setInputFiles(iris('model.onnx'));
  await page.getByText('arrived and verified').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('iris-1');
  await page.getByLabel('Sample input').fill(text('sample-input.json'));
  await page.getByLabel('Expected answer').fill(text('sample-output.json'));
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('heading', { name: 'iris-1' }).waitFor();
  await page.locator('header').getByText('Completed').waitFor({ timeout: 60_000 });
  assert.deepEqual(publisher.complaints(), []);
});

test('the listing is written by section, saved by itself, and counted against its limits', async () => {
  const { page } = publisher;
  await page.getByRole('link', { name: 'Products', exact: true }).click();
  await page.getByRole('button', { name: 'New product' }).first().click();
  await page.getByLabel('Title').fill('Iris Species');
  assert.equal(await page.getByLabel('Name in addresses').inputValue(), 'iris-species');
  await page.getByRole('button', { name: 'Create', exact: true }).click();

  await page.getByLabel('Short description').fill('Names the species of an iris from four lengths.');
  await page.getByText('47 / 1,000').waitFor();
  await page.getByLabel('Long description').fill('Send four lengths, get a **species**.');
  await page.getByRole('button', { name: 'Add a highlight' }).click();
  await page.getByLabel('Highlight 1', { exact: true }).fill('Small and quick');
  await page.getByRole('combobox', { name: 'Product category 1' }).click();
  await page.getByRole('option', { name: 'Structured' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('radio', { name: 'Public' }).check();

  await section(page, 'Promotion');
  await page.getByLabel('Choose a logo').setInputFiles(iris('logo.png'));
  await page.locator('main img[src^="/media/"]').first().waitFor();
  const keywords = page.getByRole('combobox', { name: 'Keywords' });
  await keywords.fill('iris');
  await keywords.press('Enter');

  await section(page, 'Support');
  await page.getByRole('radio', { name: 'No', exact: true }).check();

  await section(page, 'Versions');
  await page.getByRole('button', { name: 'Add a version' }).click();
  await page.getByRole('combobox', { name: 'Model package' }).click();
  await page.getByRole('option', { name: 'iris-1' }).click();
  await page.getByLabel('Release notes').fill('The first.');
  await page.getByLabel('Usage instructions').fill('Send JSON or CSV.');
  await page.getByLabel('Input description').fill('Four lengths in centimetres.');
  await page.getByRole('combobox', { name: 'Content type of the input samples' }).click();
  await page.getByRole('option', { name: 'application/json' }).click();
  await page.getByLabel('Sample input of one call').fill(text('sample-input.json'));
  await page.getByLabel('Output description').fill('Label and probabilities.');
  await page.getByRole('combobox', { name: 'Content type of the output samples' }).click();
  await page.getByRole('option', { name: 'application/json' }).click();
  await page.getByLabel('Sample output of one call').fill(text('sample-output.json'));

  await section(page, 'Plans');
  await page.getByRole('button', { name: 'Add a plan per call' }).click();
  await page.getByLabel('Price per answered call').fill('0.5');
  await page.getByLabel('Included each month').fill('1');

  await section(page, 'Terms');
  await page.getByLabel('Licence agreement').fill('You may use this model for any lawful purpose.');
  await page.getByLabel('Refund policy').fill('No refunds; write to petra@example.org.');
  await page.getByText('Everything that is needed is here.').waitFor();
  await page.getByText(/^Saved/).waitFor();

  await page.reload();
  assert.equal(
    await page.getByLabel('Refund policy').inputValue(),
    'No refunds; write to petra@example.org.',
    'what was typed is on the server',
  );
  assert.deepEqual(publisher.complaints(), []);
});

/** By the list of sections at the left, and only when the section is there. */
async function section(page: Page, name: string) {
  const link = page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name });
  await link.click();
  await page.getByRole('heading', { level: 2, name, exact: true }).waitFor();
}

test('a link from a finding opens the section and puts the cursor into the field', async () => {
  const { page } = publisher;
  const address = new URL(page.url());
  await page.goto(`${address.pathname}?at=${encodeURIComponent('/listing/shortDescription')}`);
  await page.locator('#field-listing-shortDescription textarea:focus').waitFor();
});

test('the submission is followed live up to the preview, tried there, and put live', async () => {
  const { page } = publisher;
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/The draft is frozen as a revision/).waitFor();
  await dialog.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByRole('heading', { name: /^Revision 1 of Iris Species/ }).waitFor();
  await page.getByText('Try it, then go live').waitFor({ timeout: 120_000 });
  const status = page.url();

  await page.getByRole('link', { name: 'Open the preview' }).click();
  await page.getByText('Limited').first().waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('region', { name: 'Answer' }).getByText('setosa').waitFor({ timeout: 20_000 });

  await page.goto(status);
  await page.getByRole('button', { name: 'Go Live' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Go Live' }).click();
  await page.locator('header').getByText('Released').waitFor({ timeout: 60_000 });
  assert.deepEqual(publisher.complaints(), []);
});

test('a buyer signs up, finds the product, accepts plan and licence', async () => {
  const { page } = buyer;
  await signUp(page, 'Bruno');
  const search = page.getByRole('combobox', { name: 'Search products' });
  await search.fill('iris spe');
  await page.getByRole('option', { name: /Iris Species/ }).waitFor();
  await search.press('ArrowDown');
  await search.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Iris Species' }).waitFor();
  await page.getByRole('button', { name: 'Subscribe', exact: true }).first().click();
  const dialog = page.getByRole('dialog');
  const subscribe = dialog.getByRole('button', { name: 'Subscribe' });
  assert.equal(await subscribe.isDisabled(), true, 'not without the licence');
  await dialog.getByRole('checkbox', { name: /I accept/ }).check();
  await subscribe.click();
  await page.getByText('You are subscribed to Iris Species').waitFor();
  assert.deepEqual(buyer.complaints(), []);
});

test('the key is shown once, the pasted snippet answers, and the call is on the usage page', async () => {
  const { page } = buyer;
  await page.getByRole('button', { name: 'Create a key' }).click();
  const shown = page.getByTestId('new-api-key');
  apiKey = /souk_\S+/.exec((await shown.textContent()) ?? '')?.[0] ?? '';
  assert.match(apiKey, /^souk_\w{20,}$/);

  const code = (await page.getByRole('region', { name: 'curl code' }).textContent()) ?? '';
  const { status, output } = await shell(code);
  assert.equal(status, 0, output);
  assert.match(output, /"setosa"/);

  await page.getByText('1 answered call in the last 24 hours').waitFor({ timeout: 30_000 });
  await page.reload();
  await page.getByRole('button', { name: 'Create a key' }).waitFor();
  assert.equal(await page.getByText(apiKey).count(), 0, 'after a reload the key is gone');
  assert.deepEqual(buyer.complaints(), []);
});

/** The snippet as a person pastes it. */
async function shell(code: string): Promise<{ status: number | null; output: string }> {
  const { spawn } = await import('node:child_process');
  const child = spawn('sh', ['-c', code], { env: { ...process.env, SOUK_API_KEY: apiKey } });
  let output = '';
  child.stdout.on('data', (d: Buffer) => (output += d.toString()));
  child.stderr.on('data', (d: Buffer) => (output += d.toString()));
  const status = await new Promise<number | null>((done) => child.once('close', done));
  return { status, output };
}

test('calls beyond what is included are on the invoice, and the lines add up', async () => {
  const { page } = buyer;
  for (let i = 0; i < 3; i++) {
    const answer = await fetch(`${souk.url}/call/petra/iris-species/invocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: text('sample-input.json'),
    });
    assert.equal(answer.status, 200);
  }
  await page.goto('/invoice');
  await until(
    'the invoice',
    async () => {
      await page.reload();
      await page.getByRole('heading', { level: 1, name: /^Invoice/ }).waitFor();
      await page.getByText('Total so far').waitFor();
      return page.getByText('Total so far').locator('..').textContent();
    },
    (total) => total?.includes('US$1.50') === true,
    30_000,
  );
  assert.deepEqual(buyer.complaints(), []);
});

test('the keyboard alone suffices: skip link, menus, dialogs, back to where it was', async () => {
  const { page } = buyer;
  await page.goto('/subscriptions');
  await page.getByRole('link', { name: 'Iris Species' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.getByRole('link', { name: 'Iris Species' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Iris Species' }).waitFor();

  const cancel = page.getByRole('button', { name: 'Cancel subscription' });
  await cancel.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/stop within a second/).waitFor();
  assert.equal(await focused(page), 'Keep it', 'the harmless way is the one under the finger');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await until(
    'the focus',
    () => focused(page),
    (name) => name === 'Cancel subscription',
    5_000,
  );

  const menu = page.getByRole('button', { name: /Bruno: menu/ });
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'API keys' }).waitFor();
  await page.keyboard.press('Escape');
  await until(
    'the menu’s end',
    () => page.getByRole('menuitem').count(),
    (n) => n === 0,
    5_000,
  );
  assert.deepEqual(buyer.complaints(), []);
});

const focused = (page: Page) =>
  page.evaluate('document.activeElement?.textContent?.trim()') as Promise<string>;

test('a revoked session is said so without taking away the page', async () => {
  const { page, context } = buyer;
  await page.goto('/account/keys');
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
  await context.clearCookies();
  // The page may have asked for something by itself meanwhile, and then says so before we press anything.
  const ended = page.getByRole('heading', { name: 'Your session has ended' });
  const press = async () => {
    await page.getByRole('button', { name: 'New key' }).first().click({ timeout: 5000 });
    await page.getByLabel('Name').fill('too late', { timeout: 5000 });
    await page.getByRole('button', { name: 'Create key' }).click({ timeout: 5000 });
  };
  await press().catch(async (error: Error) => {
    if (!(await ended.isVisible())) throw error;
  });
  await ended.waitFor();
});
