import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageSize } from './image-size.ts';

test('the size of a GIF, a PNG and a JPEG is read from its header', () => {
  const gif = Buffer.from('GIF89a\x78\x00\x3c\x00\x00', 'latin1');
  assert.deepEqual(imageSize(gif), { contentType: 'image/gif', width: 120, height: 60 });
  const png = Buffer.alloc(24);
  png.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  png.writeUInt32BE(400, 16);
  png.writeUInt32BE(200, 20);
  assert.deepEqual(imageSize(png), { contentType: 'image/png', width: 400, height: 200 });
  // A comment segment, then the frame header of a progressive picture, 640 x 320.
  const jpeg = Buffer.from([
    0xff, 0xd8, 0xff, 0xfe, 0, 4, 1, 2, 0xff, 0xc2, 0, 11, 8, 1, 0x40, 2, 0x80, 3, 0, 0, 0,
  ]);
  assert.deepEqual(imageSize(jpeg), { contentType: 'image/jpeg', width: 640, height: 320 });
});

test('anything else, and what ends too early, has none', () => {
  for (const bytes of [Buffer.from('RIFFxxxxWEBP'), Buffer.alloc(0), Buffer.from([0xff, 0xd8, 0xff, 0xc0])])
    assert.equal(imageSize(bytes), undefined);
});
