import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

/** The Chromium of the system, without anything that would call out or wait for a screen. */
export function launch(): Promise<Browser> {
  if (!executablePath) throw new Error('Chromium is missing: apt-get install chromium');
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--font-render-hinting=none',
    ],
  });
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about since the last look: console errors, exceptions, answers of 5xx. */
  readonly complaints: () => string[];
}

interface Options {
  readonly url: string;
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  readonly scale?: number;
  readonly credentials?: { readonly email: string; readonly password: string } | undefined;
}

export async function visit(browser: Browser, options: Options): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: options.url,
    colorScheme: options.scheme ?? 'light',
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    deviceScaleFactor: options.scale ?? 1,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  if (options.credentials) {
    const { email, password } = options.credentials;
    const answer = await context.request.post('/api/sign-in', {
      data: { email, password },
      headers: { origin: options.url },
    });
    if (!answer.ok()) throw new Error(`sign-in answered ${answer.status()}: ${await answer.text()}`);
  }
  const page = await context.newPage();
  let complaints: string[] = [];
  page.on('console', (message) => {
    // The browser itself logs every answer of 4xx; whether such an answer was expected is for the journeys to say.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('response', (answer) => {
    // A model that is still starting says so with 503, and the page waits for it.
    const starting = answer.status() === 503 && answer.url().includes('/try');
    if (answer.status() >= 500 && !starting) complaints.push(`${answer.status()} ${answer.url()}`);
  });
  return {
    context,
    page,
    complaints: () => {
      const seen = complaints;
      complaints = [];
      return seen;
    },
  };
}

/** Opens a page and waits until nothing is loading: by what is on the page, never by the clock. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  // Asked from outside: a condition inside the page would need `eval`, which the pages' security policy forbids.
  const until = Date.now() + 15_000;
  while ((await page.locator('[aria-busy="true"]').count()) > 0) {
    if (Date.now() > until) throw new Error(`${page.url()} is still loading after 15 s`);
    await sleep(20);
  }
  await page.evaluate('document.fonts.ready.then(() => undefined)');
}

/** Waits until what was changed last is on the screen: colours read in the frame of a switch are half old, half new. */
export const painted = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

/** How many pixels the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  ) as Promise<number>;
