import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { limits } from '@souk/contract/limits';
import { type ListingText, linkFindings, textFindings } from './listing-text.ts';
import { logoFindings } from './logo.ts';
import { imageShapeFindings, readPicture } from './pictures.ts';

type Pixel = readonly [number, number, number, number];

/** A PNG of one colour with a picture in its middle. */
function png(
  width: number,
  height: number,
  ground: Pixel,
  options: { statedWidth?: number; filter?: number } = {},
): Buffer {
  const lines = Buffer.alloc(height * (width * 4 + 1));
  for (let y = 0; y < height; y++) {
    const start = y * (width * 4 + 1);
    for (let x = 0; x < width; x++) {
      const inside = Math.abs(x - width / 2) < width / 4 && Math.abs(y - height / 2) < height / 4;
      lines.set(inside ? [200, 30, 30, 255] : ground, start + 1 + x * 4);
    }
    if (options.filter !== 1) continue;
    lines[start] = 1;
    for (let i = width * 4; i > 4; i--)
      lines[start + i] = ((lines[start + i] ?? 0) - (lines[start + i - 4] ?? 0)) & 255;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(options.statedWidth ?? width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8);
  const chunk = (type: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const whole = Buffer.alloc(named.length + 8);
    whole.writeUInt32BE(body.length);
    named.copy(whole, 4);
    whole.writeUInt32BE(crc32(named), named.length + 4);
    return whole;
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const codes = (bytes: Buffer, fileName?: string) =>
  logoFindings(bytes, fileName === undefined ? {} : { fileName }).map((f) => f.code);
const clear: Pixel = [0, 0, 0, 0];
const white: Pixel = [255, 255, 255, 255];
const blue: Pixel = [20, 60, 200, 255];

test('the example’s logo and other square or wide ones pass', () => {
  assert.deepEqual(
    codes(
      readFileSync(join(import.meta.dirname, '../../../../../examples/iris-classifier/logo.png')),
      'logo.png',
    ),
    [],
  );
  assert.deepEqual(codes(png(120, 120, clear)), []);
  assert.deepEqual(codes(png(640, 640, white, { filter: 1 })), []);
  assert.deepEqual(codes(png(400, 200, white)), []);
});

test('sides of 119 and 641 pixels and other ratios are refused', () => {
  assert.deepEqual(codes(png(119, 119, clear)), ['logo.dimensions']);
  assert.deepEqual(codes(png(641, 641, clear)), ['logo.dimensions']);
  assert.deepEqual(codes(png(300, 200, clear)), ['logo.ratio']);
  assert.deepEqual(codes(png(200, 400, clear)), ['logo.ratio']);
});

test('a coloured ground is refused', () => {
  assert.deepEqual(codes(png(200, 200, blue)), ['logo.background']);
  assert.deepEqual(codes(png(200, 200, blue, { filter: 1 })), ['logo.background']);
});

test('the type is that of the content; a name that says otherwise is told', () => {
  assert.deepEqual(codes(png(200, 200, clear), 'logo.jpg'), ['image.name_misleads']);
  assert.deepEqual(codes(Buffer.from('RIFF....WEBPVP8 '), 'logo.png'), ['image.type_unsupported']);
  assert.deepEqual(codes(Buffer.alloc(0), 'logo.png'), ['image.type_unsupported']);
});

test('pictures that state a huge size are refused without being unpacked', () => {
  const before = process.memoryUsage().rss;
  assert.deepEqual(codes(png(200, 200, clear, { statedWidth: 400_000 })), ['image.too_many_pixels']);
  assert.ok(process.memoryUsage().rss - before < 50e6);
});

test('damaged pictures are refused, wherever they are cut or changed', () => {
  const good = png(200, 200, clear);
  for (let length = 8; length < good.length; length += 37)
    assert.notDeepEqual(codes(good.subarray(0, length)), [], `cut at ${length}`);
  const changed = Buffer.from(good);
  changed[60] = (changed[60] ?? 0) ^ 0xff;
  assert.deepEqual(codes(changed), ['image.damaged']);
  assert.deepEqual(codes(Buffer.concat([good.subarray(0, 33), good.subarray(-12)])), ['image.damaged']);
});

test('files above 5 MB are refused', () => {
  assert.deepEqual(codes(Buffer.alloc(5 * 2 ** 20 + 1)), ['image.too_large']);
});

test('JPEG and GIF are recognised by content and left to a person where the ground is concerned', () => {
  assert.deepEqual(codes(gif(1), 'a.gif'), ['logo.background_undecided']);
  assert.deepEqual(codes(gif(0), 'a.gif'), ['image.damaged']);
  assert.deepEqual(codes(jpeg(3), 'a.jpeg'), ['logo.background_undecided']);
  assert.deepEqual(codes(jpeg(3).subarray(0, 12)), ['image.damaged']);
  assert.deepEqual(codes(jpeg(3).subarray(0, -2)), ['image.damaged']);
});

/** The structure of a GIF with so many empty frames. */
function gif(frames: number): Buffer {
  const frame = [0x2c, 0, 0, 0, 0, 200, 0, 200, 0, 0, 2, 1, 0, 0];
  const all = Array.from({ length: frames }, () => frame).flat();
  return Buffer.from([...Buffer.from('GIF89a'), 200, 0, 200, 0, 0, 0, 0, ...all, 0x3b]);
}

/** The structure of a JPEG with so many colour components. */
function jpeg(components: number): Buffer {
  const frame = [0xff, 0xc0, 0, 17, 8, 0, 200, 0, 200, components, 1, 34, 0, 2, 17, 1, 3, 17, 1];
  return Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, ...frame, 0xff, 0xd9]);
}

test('an animated GIF or PNG, a CMYK JPEG and an SVG are each refused by name', () => {
  assert.deepEqual(codes(gif(2)), ['image.animated']);
  const still = png(200, 200, clear);
  const control = Buffer.from('\0\0\0\x08acTL\0\0\0\x02\0\0\0\0\0\0\0\0', 'latin1');
  assert.deepEqual(codes(Buffer.concat([still.subarray(0, 33), control, still.subarray(33)])), [
    'image.animated',
  ]);
  assert.deepEqual(codes(jpeg(4)), ['image.cmyk']);
  for (const svg of [
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '<?xml version="1.0"?><!-- x --><svg:svg onload="alert(1)">',
  ])
    assert.deepEqual(codes(Buffer.from(svg), 'logo.png'), ['image.svg']);
});

test('a side has 4096 pixels, and not one more', () => {
  const stated = (width: number) => readPicture(png(200, 200, clear, { statedWidth: width })).findings;
  assert.deepEqual(stated(limits.images.sideMax), []);
  assert.deepEqual(
    stated(limits.images.sideMax + 1).map((f) => f.code),
    ['image.too_many_pixels'],
  );
  const shown = (width: number, height: number) =>
    imageShapeFindings({ width, height }, {}).map((f) => f.code);
  assert.deepEqual(shown(limits.images.sideMin, 2000), []);
  assert.deepEqual(shown(2000, limits.images.sideMin - 1), ['image.dimensions']);
});

test('structures cut or changed at any byte are read without an end or a crash', () => {
  for (const whole of [gif(1), gif(2), jpeg(3), png(120, 120, clear)])
    for (let at = 0; at < Math.min(whole.length, 200); at++)
      for (const value of [0, 1, 0x2c, 0x7f, 0xff]) {
        const changed = Buffer.from(whole);
        changed[at] = value;
        assert.ok(Array.isArray(logoFindings(changed)));
        assert.ok(Array.isArray(logoFindings(changed.subarray(0, at))));
      }
});

const text = (given: string, form: ListingText['form'] = 'plain') =>
  textFindings([{ text: given, pointer: '/listing/title', form }]).map((f) => f.code);

test('plain texts: control characters, leading blanks, trademark signs, placeholders', () => {
  assert.deepEqual(text('Iris Classifier™ for α < β & friends'), []);
  assert.deepEqual(text('a\u0007b'), ['text.control_character']);
  assert.deepEqual(text('a\u202eb'), ['text.control_character']);
  assert.deepEqual(text('two\nlines'), ['text.control_character']);
  assert.deepEqual(text(' blank'), ['text.leading_blank']);
  assert.deepEqual(text('Name ™ model'), ['text.trademark_space']);
  assert.deepEqual(text('Name (TM) model'), ['text.trademark_space']);
  assert.deepEqual(text('Lorem'), []);
  assert.deepEqual(text('lorem ipsum dolor'), ['text.placeholder']);
  assert.deepEqual(text('[Your product name]'), ['text.placeholder']);
  assert.deepEqual(text('TODO: write this'), ['text.placeholder']);
});

test('Markdown: the safe subset passes, HTML and foreign links do not', () => {
  const good = [
    '# Title\n\n- a\n- b\n\nSee [docs](https://example.org/a_(b)) or <https://example.org> and `<script>`.',
    'a < b and c > d',
    '```html\n<script>alert(1)</script>\n```',
    'Mail [us](mailto:a@example.org).',
  ];
  for (const one of good) assert.deepEqual(text(one, 'markdown'), [], one);
  const bad = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'text <!-- hidden -->',
    '[x](javascript:alert(1))',
    '[x]( JaVaScRiPt:alert(1))',
    '[x](data:text/html,hi)',
    '[x](http://example.org)',
    '[x](//example.org)',
    '[x][1]\n\n[1]: javascript:alert(1)',
    '<javascript:alert(1)>',
  ];
  for (const one of bad) assert.deepEqual(text(one, 'markdown'), ['text.markup_unsafe'], one);
});

test('a picture from elsewhere is refused once, whatever its address', () => {
  for (const one of [
    '![x](http://tracker.example/p.gif)',
    'See ![](https://tracker.example/p.gif) here',
    '![x](javascript:alert(1))',
    '![x][1]\n\n[1]: https://tracker.example/p.gif',
    '[![x](https://tracker.example/p.gif)](https://example.org)',
  ])
    assert.deepEqual(text(one, 'markdown'), ['text.remote_image'], one);
  assert.deepEqual(text('`![x](http://tracker.example/p.gif)`', 'markdown'), []);
  assert.deepEqual(text('![x](https://a.example/p.gif) [y](javascript:alert(1))', 'markdown'), [
    'text.remote_image',
    'text.markup_unsafe',
  ]);
});

test('findings of long texts name the line', () => {
  const [finding] = textFindings([
    { text: 'one\ntwo\n<b>three</b>', pointer: '/listing/longDescription', form: 'markdown' },
  ]);
  assert.equal(finding?.line, 3);
  assert.equal(finding?.pointer, '/listing/longDescription');
});

test('texts written to take long are judged in a moment', () => {
  const units = [
    '`',
    '`a``b',
    '<',
    '[',
    '](',
    '<a ',
    '```\n',
    '{{',
    '[your ',
    ' ',
    '<!--',
    '[x](<',
    '![',
    '![x](',
    '![x](https://a.example/) ',
    '<a:',
    '[a\n',
    '\n[',
  ];
  for (const unit of units) {
    const started = performance.now();
    text(unit.repeat(100_000 / unit.length), 'markdown');
    assert.ok(performance.now() - started < 500, JSON.stringify(unit));
  }
});

test('links are https, whole, short and without credentials', () => {
  const link = (url: string) => linkFindings([{ url, pointer: '/promotion/links/0/url' }]).map((f) => f.code);
  assert.deepEqual(link('https://example.org/x?y=z'), []);
  assert.deepEqual(link('http://example.org'), ['link.not_https']);
  assert.deepEqual(link('javascript:alert(1)'), ['link.not_https']);
  assert.deepEqual(link('example.org'), ['link.malformed']);
  assert.deepEqual(link('https://user:pw@example.org'), ['link.malformed']);
  assert.deepEqual(link(`https://example.org/${'a'.repeat(2048)}`), ['link.malformed']);
});
