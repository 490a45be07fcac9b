import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { limits } from './limits.ts';

const guide = readFileSync(new URL('../../docs/publishing/listing.md', import.meta.url), 'utf8');
const rows = new Map(
  guide.split('\n').flatMap((line) => {
    const [, field] = /\| `(\/[^`]+)` \|/.exec(line) ?? [];
    return field ? [[field, line] as const] : [];
  }),
);
const n = (value: number) => value.toLocaleString('en-US');
const l = limits;

/** What the row of a field must say. */
const said: readonly (readonly [field: string, ...figures: string[]])[] = [
  ['/listing/title', `${n(l.titleChars)} characters`],
  ['/listing/shortDescription', `${n(l.shortDescriptionChars)} characters`],
  ['/listing/longDescription', `${n(l.longDescriptionChars)} characters`],
  ['/listing/highlights', `${l.highlights.min} to ${l.highlights.max}`, `each ${l.highlights.chars}`],
  ['/listing/categories', `${l.categories.min} to ${l.categories.max}`],
  ['/listing/sku', `${l.skuChars} characters`],
  ['/promotion/logo', `${l.logo.sideMin} to ${l.logo.sideMax} pixels`],
  [
    '/promotion/images',
    `${l.images.max} at most`,
    `${l.images.sideMin} to ${n(l.images.sideMax)} pixels`,
    `${l.images.altChars} characters`,
  ],
  [
    '/promotion/keywords',
    `${l.keywords.min} to ${l.keywords.max}`,
    `each ${l.keywords.chars}`,
    `together ${l.keywords.charsTogether}`,
  ],
  [
    '/promotion/links',
    `${l.links.max} at most`,
    `text ${l.links.textChars}`,
    `address ${n(l.links.urlChars)}`,
  ],
  ['/promotion/videoUrl', `${n(l.urlChars)} characters`],
  ['/support/description', `${n(l.supportDescriptionChars)} characters`],
  ['/support/email', `${l.emailChars} characters`],
  ['/versions/0/number', `${l.versionNumberChars} characters`],
  ['/versions/0/releaseNotes', `${n(l.releaseNotesChars)} characters`],
  ['/versions/0/usageInstructions', `${n(l.usageInstructionsChars)} characters`],
  ['/versions/0/notebookUrl', `${n(l.urlChars)} characters`],
  ['/versions/0/input/description', `${n(l.inputDescriptionChars)} characters`],
  ['/versions/0/input/limitations', `${n(l.limitationsChars)} characters`],
  [
    '/versions/0/input/parameters',
    `${l.parameters.max} at most`,
    `name ${l.parameters.nameChars}`,
    `description ${n(l.parameters.descriptionChars)}`,
    `constraints ${n(l.parameters.constraintsChars)}`,
  ],
  ['/versions/0/input/customAttributes', `${l.customAttributes.max} at most`],
  ['/versions/0/input/samples', `each ${n(l.sampleChars)} characters`],
  ['/versions/0/input/samples/realtimeFile', `${l.sampleFileBytes / 2 ** 20} MiB`],
  ['/versions/0/input/formats', `${l.formats.max} at most`],
  ['/versions/0/output/description', `${n(l.outputDescriptionChars)} characters`],
  ['/terms/eula', `${n(l.eulaChars)} characters`],
  ['/terms/refundPolicy', `${l.refundPolicyChars} characters`],
];

for (const [field, ...figures] of said)
  test(`the guide says the limit of ${field}`, () => {
    const row = rows.get(field);
    assert.ok(row, 'its row is missing');
    for (const figure of figures) assert.ok(row.includes(figure), `${figure} in ${row}`);
  });

test('the guide says how large a picture may be', () => {
  assert.ok(guide.includes(`at most ${l.mediaBytes / 2 ** 20} MB`));
});
