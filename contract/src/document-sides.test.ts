import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesAt, placed, wholeDocument } from '../../test/document-at.ts';
import { documentFindings } from './document-rules.ts';
import { limits } from './limits.ts';

const chars = (count: number) => '𝒙'.repeat(count);
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const digest = (i: number) => i.toString(16).padStart(64, '1');
const image = (i: number) => ({ sha256: digest(i), contentType: 'image/png' });
const file = (sizeBytes: number) => ({ sha256: digest(1), fileName: 'sample.csv', sizeBytes });

test('a listing has at most 14 images beside its logo', () => {
  const images = (count: number) => many(count, (i) => ({ image: image(i), alt: `Figure ${i}` }));
  assert.deepEqual(codesAt('/promotion/images', images(limits.images.max)), []);
  assert.deepEqual(codesAt('/promotion/images', images(limits.images.max + 1)), ['document.too_many']);
});

test('an image says what it shows, in 250 characters and not one more', () => {
  const said = (alt?: string) => codesAt('/promotion/images', [{ image: image(1), alt }]);
  assert.deepEqual(said(chars(limits.images.altChars)), []);
  assert.deepEqual(said(chars(limits.images.altChars + 1)), ['document.too_long']);
  assert.deepEqual(said(undefined), ['document.missing']);
  assert.deepEqual(said('  '), ['document.missing']);
});

test('an entry without its picture, and the same picture twice, are named', () => {
  assert.deepEqual(codesAt('/promotion/images', [{ image: null, alt: 'A' }]), ['document.missing']);
  const twice = [
    { image: image(1), alt: 'A' },
    { image: image(1), alt: 'B' },
  ];
  assert.deepEqual(codesAt('/promotion/images/1', twice[1]), []);
  assert.deepEqual(codesAt('/promotion/images', twice), ['document.duplicate_image']);
  const logo = wholeDocument().promotion?.logo?.sha256 ?? '';
  assert.deepEqual(codesAt('/promotion/images', [{ image: { ...image(1), sha256: logo }, alt: 'A' }]), [
    'document.duplicate_image',
  ]);
});

test('a support e-mail address has at most 254 characters', () => {
  const address = (count: number) => `${'a'.repeat(count - 12)}@example.org`;
  assert.deepEqual(codesAt('/support/email', address(limits.emailChars)), []);
  assert.deepEqual(codesAt('/support/email', address(limits.emailChars + 1)), ['document.too_long']);
  assert.deepEqual(codesAt('/support/email', 'nobody'), ['document.email']);
});

for (const side of ['input', 'output'] as const) {
  const at = `/versions/0/${side}`;

  test(`the ${side} has at most 10 further content types, each with its own limits`, () => {
    const formats = (count: number) => many(count, (i) => ({ contentType: `text/x${i}` }));
    assert.deepEqual(codesAt(`${at}/formats`, formats(limits.formats.max)), []);
    assert.deepEqual(codesAt(`${at}/formats`, formats(limits.formats.max + 1)), ['document.too_many']);
    const one = (part: object) => codesAt(`${at}/formats`, [{ contentType: 'text/csv', ...part }]);
    const max = limits[`${side}DescriptionChars`];
    assert.deepEqual(one({ description: chars(max) }), []);
    assert.deepEqual(one({ description: chars(max + 1) }), ['document.too_long']);
    assert.deepEqual(one({ realtime: chars(limits.sampleChars) }), []);
    assert.deepEqual(one({ realtime: chars(limits.sampleChars + 1) }), ['document.too_long']);
    assert.deepEqual(one({ contentType: undefined }), ['document.missing']);
    assert.deepEqual(one({ contentType: 'csv' }), ['document.content_type_form']);
  });

  test(`a content type of the ${side} is described once`, () => {
    assert.deepEqual(codesAt(`${at}/formats`, [{ contentType: 'application/json' }]), [
      'document.duplicate_content_type',
    ]);
    const csv = { contentType: 'text/csv' };
    assert.deepEqual(codesAt(`${at}/formats`, [csv, csv]), ['document.duplicate_content_type']);
  });

  test(`a sample ${side} file has at most 10 MiB`, () => {
    assert.deepEqual(codesAt(`${at}/samples/batchFile`, file(limits.sampleFileBytes)), []);
    assert.deepEqual(codesAt(`${at}/samples/batchFile`, file(limits.sampleFileBytes + 1)), [
      'document.sample_too_large',
    ]);
  });

  test(`the ${side} sample is a text or a file, and never both`, () => {
    const samples = (part: object) => codesAt(`${at}/samples`, { contentType: 'text/csv', ...part });
    assert.deepEqual(samples({ realtimeFile: file(1) }), []);
    assert.deepEqual(samples({ realtime: '1', realtimeFile: file(1) }), ['document.two_samples']);
    assert.deepEqual(samples({ realtime: '1', batch: '1', batchFile: file(1) }), ['document.two_samples']);
    assert.deepEqual(samples({ batchFile: file(1) }), ['document.missing']);
  });
}

test('invocation parameters: 35 at most, named in printable ASCII, each once', () => {
  const at = '/versions/0/input/customAttributes';
  const { max } = limits.customAttributes;
  assert.deepEqual(
    codesAt(
      at,
      many(max, (i) => ({ name: `p${i}` })),
    ),
    [],
  );
  assert.deepEqual(
    codesAt(
      at,
      many(max + 1, (i) => ({ name: `p${i}` })),
    ),
    ['document.too_many'],
  );
  assert.deepEqual(codesAt(at, [{ name: 'größe' }]), ['document.parameter_name']);
  assert.deepEqual(codesAt(at, [{ name: '' }]), ['document.missing']);
  assert.deepEqual(codesAt(at, [{ name: 'a' }, { name: 'a' }]), ['document.duplicate_parameter']);
});

test('samples are in a content type that the model takes', () => {
  const document = placed('/versions/0/input/samples/contentType', 'text/csv');
  const arn = document.versions?.[0]?.modelPackageArn ?? '';
  const codes = (contentTypes: string[]) =>
    documentFindings(document, {
      resources: new Map([
        [
          arn,
          {
            status: 'Completed',
            certifyForMarketplace: true,
            realtimeInstanceTypes: [],
            batchInstanceTypes: [],
            contentTypes,
          },
        ],
      ]),
    }).map((f) => [f.code, f.pointer]);
  assert.deepEqual(codes(['text/csv']), []);
  assert.deepEqual(codes(['application/json']), [
    ['document.content_type', '/versions/0/input/samples/contentType'],
  ]);
});
