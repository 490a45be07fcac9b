import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { accessible, schemes } from './accessible.ts';
import { launch, open, overflow, settled, type Visit, visit } from './browser.ts';
import { dialogsOf } from './dialogs.ts';
import { type Marketplace, openMarketplace } from './marketplace.ts';
import { type PageCase, pagesOf, type Who } from './pages.ts';

/** Every page, in a real Chromium: no complaint, no sideways scrolling, nothing that axe finds, in light and in dark. */
let browser: Browser;
let marketplace: Marketplace;
let cases: PageCase[];

before(async () => {
  [browser, marketplace] = await Promise.all([launch(), openMarketplace()]);
  cases = pagesOf(marketplace.places);
});
after(async () => {
  await browser.close();
  await marketplace.close();
});

const widths = [360, 768, 1280, 1920];

test('every page is sound, fits 360 to 1920 pixels and is accessible in light and dark', {
  concurrency: 2,
}, async (t) => {
  await Promise.all(
    (['visitor', 'buyer', 'publisher', 'operator'] as const satisfies readonly Who[]).map((who) =>
      t.test(who, async (own) => {
        const at = await visit(browser, {
          url: marketplace.url,
          credentials: who === 'visitor' ? undefined : marketplace.people[who],
        });
        for (const page of cases.filter((c) => c.who === who))
          await own.test(`${page.name} (${page.path})`, () => check(at, page));
        await at.context.close();
      }),
    ),
  );
});

async function check(at: Visit, { path }: PageCase) {
  await open(at.page, path);
  for (const width of widths) {
    await at.page.setViewportSize({ width, height: 900 });
    const wider = await overflow(at.page);
    assert.equal(wider, 0, `the page is ${wider} pixels wider than a window of ${width}`);
  }
  await at.page.setViewportSize({ width: 1280, height: 900 });
  for (const scheme of schemes) await accessible(at.page, scheme);
  assert.deepEqual(at.complaints(), []);
}

test('every kind of dialog is accessible in light and dark, and gives the focus back where it came from', async (t) => {
  for (const { name, who, path, width = 1280, button, item } of dialogsOf(marketplace.places))
    await t.test(name, async () => {
      const at = await visit(browser, {
        url: marketplace.url,
        width,
        credentials: who === 'visitor' ? undefined : marketplace.people[who],
      });
      await open(at.page, path);
      const opener = at.page.getByRole('button', { name: button }).first();
      await opener.click();
      if (item) {
        const chosen = at.page.getByRole('menuitem', { name: item });
        await chosen.waitFor();
        // A menu hangs at the end of the document, beside the landmarks, and belongs to its button by aria-controls.
        for (const scheme of schemes) await accessible(at.page, scheme, ['region']);
        await chosen.click();
      }
      const dialog = at.page.getByRole('dialog');
      await dialog.waitFor();
      for (const scheme of schemes) await accessible(at.page, scheme);
      await at.page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await at.page.locator(':focus').waitFor();
      assert.equal(
        await opener.evaluate((element) => element.matches(':focus')),
        true,
        'the focus went astray',
      );
      assert.deepEqual(at.complaints(), []);
      await at.context.close();
    });
});

test('the catalogue’s first load is under 200 kB of script, compressed', async () => {
  const at = await visit(browser, { url: marketplace.url });
  const sizes: Promise<number>[] = [];
  at.page.on('response', (answer) => {
    if (answer.request().resourceType() === 'script')
      sizes.push(
        answer
          .request()
          .sizes()
          .then((s) => s.responseBodySize),
      );
  });
  await open(at.page, '/');
  await settled(at.page);
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  assert.ok(sizes.length > 1 && total > 50_000, `${sizes.length} scripts, ${total} bytes: not measured`);
  assert.ok(total < 200_000, `${total} bytes of script`);
  console.log(`    first load: ${Math.round(total / 1000)} kB of script in ${sizes.length} files`);
  await at.context.close();
});

test('light or dark is decided before the first paint, and the person’s choice outlives the system’s', async () => {
  const at = await visit(browser, { url: marketplace.url, scheme: 'dark' });
  await open(at.page, '/');
  assert.equal(await at.page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark');
  await at.page.evaluate(`localStorage.setItem('mantine-color-scheme-value', 'light')`);
  await at.page.goto('/', { waitUntil: 'commit' });
  await at.page.locator('body').waitFor({ state: 'attached' });
  assert.equal(await at.page.locator('html').getAttribute('data-mantine-color-scheme'), 'light');
  await at.context.close();
});
