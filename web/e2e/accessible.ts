import assert from 'node:assert/strict';
import axe, { type Result } from 'axe-core';
import type { Page } from 'playwright-core';
import { painted } from './browser.ts';

export const schemes = ['light', 'dark'] as const;

// What is on the page is the same in both: in the dark only what is seen can differ.
const seen = {
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
  preload: false,
};

/**
 * Nothing that axe finds, in one scheme. axe runs in the page itself, put there once: its wrapper for Playwright sends the program
 * anew for each look and opens a window of its own to put the results of frames together, of which our pages have none.
 */
export async function accessible(
  page: Page,
  scheme: (typeof schemes)[number],
  without: readonly string[] = [],
): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
  await painted(page);
  const violations = await violationsOn(page, {
    ...(scheme === 'dark' ? seen : {}),
    rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
  });
  const found = violations.map(
    (v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => `${n.html}\n    ${n.failureSummary}`).join('\n  ')}`,
  );
  assert.deepEqual(found, [], scheme);
}

async function violationsOn(page: Page, options: object): Promise<Result[]> {
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source);
  assert.equal(await page.locator('iframe, frame').count(), 0, 'a page with frames is not looked at whole');
  const found = await page.evaluate(
    `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...options })}).then((r) => ({ violations: r.violations, held: r.passes.length + r.incomplete.length }))`,
  );
  const { violations, held } = found as { violations: Result[]; held: number };
  assert.ok(held + violations.length > 0, 'axe looked at nothing');
  return violations;
}
