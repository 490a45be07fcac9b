import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesTextsOnly, placeOf } from './document-changes.ts';

test('texts, media and prices change what is read; everything else, also what nobody thought of, must be tried', () => {
  for (const pointer of [
    '/listing/title',
    '/promotion/logo',
    '/promotion/logo/sha256',
    '/plans',
    '/plans/0/parts/0/pricePerUnit',
    '/terms/eula',
    '/versions/3/releaseNotes',
    '/versions/0/state',
    '/versions/0/input/description',
    '/versions/0/output/parameters/2',
  ])
    assert.ok(changesTextsOnly(pointer), pointer);
  for (const pointer of [
    '',
    '/listing',
    '/listing/visibility',
    '/regions/mode',
    '/versions',
    '/versions/1',
    '/versions/0/number',
    '/versions/0/modelPackageArn',
    '/versions/0/input',
    '/versions/0/input/samples/realtime',
    '/versions/0/recommendedInstanceTypes/realtime',
    '/versions/0/somethingNew',
    '/service/url',
    '/plansOfMine',
  ])
    assert.ok(!changesTextsOnly(pointer), pointer);
});

test('a place is named as people would name it', () => {
  const document = {
    listing: { shortDescription: 'x', highlights: ['a'] },
    versions: [{ number: '1.2.0', releaseNotes: 'x' }, {}],
    plans: [{ id: 'pro', parts: [] }],
  };
  assert.equal(placeOf('/listing/shortDescription', document), 'Listing › Short description');
  assert.equal(placeOf('/listing/highlights/0', document), 'Listing › Highlights › Highlight 1');
  assert.equal(placeOf('/versions/0/releaseNotes', document), 'Versions › 1.2.0 › Release notes');
  assert.equal(placeOf('/versions/1/modelPackageArn', document), 'Versions › Version 2 › Model package');
  assert.equal(placeOf('/plans/0/parts', document), 'Plans › pro › Prices');
  assert.equal(placeOf('/terms/eula', document), 'Terms › Licence agreement');
  assert.equal(placeOf('', document), 'The whole document');
});
