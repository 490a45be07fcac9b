import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../../test/journeys/souk.ts';
import { launch, open, type Visit, visit } from './browser.ts';
import { type PageCase, pagesOf, type Who } from './pages.ts';
import { findPlaces } from './places.ts';

/**
 * Pictures of a running demonstration (`npm start`), for the README and for looking at before a change is called done:
 *   npm run screenshots -w web                     the main pages into docs/images
 *   npm run screenshots -w web -- --all DIR        every page, light and dark, wide and narrow, into DIR
 */
interface Demo {
  readonly url: string;
  readonly [who: string]: unknown;
}
interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly apiKey: string;
}

const root = join(import.meta.dirname, '..', '..');
const dataDir = process.env.SOUK_DATA ?? join(root, '.souk');
const demo = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as Demo;
const url = process.env.SOUK_URL ?? demo.url;
const [mode, folder, ...names] = process.argv.slice(2);
const everything = mode === '--all';
const target = everything ? (folder ?? '/tmp/souk-screenshots') : join(root, 'docs', 'images');

const main = [
  'home',
  'product',
  'subscription',
  'product-overview',
  'editor-listing',
  'submission',
  'versions',
  'profile',
  'roles',
  'governance',
  'policies',
  'health',
];

const darkToo = ['product', 'editor-listing'];

const credentials = (who: Who) => (who === 'visitor' ? undefined : (demo[who] as Credentials));
const client = (who: Who) => new Client(url, credentials(who)?.apiKey);

mkdirSync(target, { recursive: true });
const places = await findPlaces(client('publisher'), client('buyer'), client('operator'));
const all = pagesOf(places);
const chosen = everything
  ? all.filter((p) => names.length === 0 || names.includes(p.name))
  : all.filter((p) => main.includes(p.name));
const looks = everything
  ? ([
      ['light', 1280],
      ['dark', 1280],
      ['light', 360],
    ] as const)
  : ([
      ['light', 1280],
      ['dark', 1280],
    ] as const);

const browser = await launch();
try {
  for (const [scheme, width] of looks) {
    const visits = new Map<Who, Visit>();
    for (const page of scheme === 'dark' && !everything
      ? chosen.filter((p) => darkToo.includes(p.name))
      : chosen) {
      const at =
        visits.get(page.who) ??
        (await visit(browser, {
          url,
          scheme,
          width,
          height: width < 600 ? 780 : 960,
          scale: everything ? 1 : 1.5,
          credentials: credentials(page.who),
        }));
      visits.set(page.who, at);
      await picture(
        at,
        page,
        `${page.name}${scheme === 'dark' ? '-dark' : ''}${width === 1280 ? '' : `-${width}`}`,
      );
    }
    for (const { context } of visits.values()) await context.close();
  }
} finally {
  await browser.close();
}

async function picture(at: Visit, page: PageCase, name: string) {
  await open(at.page, page.path);
  if (page.name === 'product' && !everything) await tryIt(at);
  await at.page.screenshot({ path: join(target, `${name}.png`), fullPage: everything });
  if (page.name === 'product' && !everything) await at.page.setViewportSize({ width: 1280, height: 960 });
  for (const complaint of at.complaints()) console.error(`${name}: ${complaint}`);
  console.log(`${name}.png`);
}

/** The product page is shown as people leave it: after they tried it. */
async function tryIt({ page }: Visit) {
  await page.getByRole('button', { name: 'Run' }).click();
  // An answer, or the word that today's free tries are used up.
  await page
    .locator('#try')
    .getByRole('region', { name: 'Answer' })
    .or(page.locator('#try [role=alert]'))
    .first()
    .waitFor();
  // High enough for both: the figures that one decides by, and the model's answer.
  await page.setViewportSize({ width: 1280, height: 1260 });
  await page.evaluate('window.scrollTo(0, 0)');
}
