import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageType, plainFileName, sizeBytesMax } from './uploads.rules.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test('an image is told by its content', () => {
  assert.equal(imageType(bytes('\x89PNG\r\n\x1a\n....')), 'image/png');
  assert.equal(imageType(bytes('\xff\xd8\xff\xe0....')), 'image/jpeg');
  assert.equal(imageType(bytes('GIF87a..')), 'image/gif');
  assert.equal(imageType(bytes('GIF89a..')), 'image/gif');
});

test('what could carry a script is no image, and neither is a cut header', () => {
  for (const text of [
    '<svg xmlns="http://www.w3.org/2000/svg">',
    '<!doctype html>',
    'GIF88a',
    '\x89PNG',
    '',
    '%PDF-1.7',
  ])
    assert.equal(imageType(bytes(text)), null, text);
});

test('a file name keeps its last part and loses what breaks headers', () => {
  assert.equal(plainFileName('C:\\Users\\me\\model.onnx'), 'model.onnx');
  assert.equal(plainFileName('/home/me/model.tar.gz'), 'model.tar.gz');
  assert.equal(plainFileName('a\r\nb\0.onnx'), 'ab.onnx');
  assert.equal(plainFileName('folder/'), 'file');
});

test('the limit of a package is the operator’s, that of media is 5 MiB', () => {
  assert.equal(sizeBytesMax('model', { uploadBytesMax: 7 }), 7);
  assert.equal(sizeBytesMax('media', { uploadBytesMax: 7 }), 5 * 1024 * 1024);
});
