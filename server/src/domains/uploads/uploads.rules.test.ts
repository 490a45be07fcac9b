import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downloadHeaders, plainFileName, sizeBytesMax } from './uploads.rules.ts';

test('a file name keeps its last part and loses what breaks headers', () => {
  assert.equal(plainFileName('C:\\Users\\me\\model.onnx'), 'model.onnx');
  assert.equal(plainFileName('/home/me/model.tar.gz'), 'model.tar.gz');
  assert.equal(plainFileName('a\r\nb\0.onnx'), 'ab.onnx');
  assert.equal(plainFileName('folder/'), 'file');
});

test('the limit of a package is the operator’s, that of media is 5 MiB, of a sample 10', () => {
  assert.equal(sizeBytesMax('model', { uploadBytesMax: 7 }), 7);
  assert.equal(sizeBytesMax('media', { uploadBytesMax: 7 }), 5 * 1024 * 1024);
  assert.equal(sizeBytesMax('sample', { uploadBytesMax: 7 }), 10 * 1024 * 1024);
});

test('a file name stays inside its header, whatever it holds', () => {
  const said = downloadHeaders('größe "1"\\%41;\u2028.csv', 3)['content-disposition'] ?? '';
  assert.match(said, /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w.%-]+$/);
  assert.equal(said.split('"').length, 3);
  assert.ok(said.includes(encodeURIComponent('größe')));
});
