import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { newApiKey } from '../../../platform/api-keys.ts';
import { FileInspector } from './file-inspector.ts';
import { hiddenFileFindings } from './hidden-files.ts';

function inspect(path: string, content: Buffer | string, chunkBytes = 1 << 16) {
  const inspector = new FileInspector(path);
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += chunkBytes) inspector.feed(bytes.subarray(at, at + chunkBytes));
  return inspector.end();
}
const codes = (path: string, content: Buffer | string, chunkBytes?: number) =>
  inspect(path, content, chunkBytes).map((finding) => finding.code);
const latin1 = (text: string) => Buffer.from(text, 'latin1');

test('pickles of every protocol are found by content, under any name', () => {
  const exploit = "cos\nsystem\n(S'id'\ntR.";
  assert.deepEqual(codes('weights.bin', exploit), ['unsafe.pickle']);
  assert.deepEqual(codes('weights.bin', "(S'id'\nios\nsystem\n."), ['unsafe.pickle']);
  assert.deepEqual(codes('model.onnx', latin1('\x80\x02}q\x00.')), ['unsafe.pickle']);
  assert.deepEqual(
    codes('a.dat', latin1('\x80\x03cbuiltins\neval\nq\x00X\x01\x00\x00\x001q\x01\x85q\x02Rq\x03.')),
    ['unsafe.pickle'],
  );
  assert.deepEqual(codes('a.dat', latin1('\x80\x04\x95\x05\0\0\0\0\0\0\0\x8c\x01a\x94.')), ['unsafe.pickle']);
  assert.deepEqual(codes('a.dat', deflateSync(latin1('\x80\x04\x95\x05\0\0\0\0\0\0\0\x8c\x01a\x94.'))), [
    'unsafe.pickle',
  ]);
  assert.deepEqual(
    codes(
      'a.npy',
      latin1("\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"),
    ),
    ['unsafe.pickle'],
  );
  assert.deepEqual(
    codes(
      'a.npy',
      latin1("\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"),
    ),
    [],
  );
  assert.deepEqual(codes('model.pkl', 'anything'), ['unsafe.pickle']);
});

/** Written by Python 3's pickle module: dictionaries, lists and ordered dictionaries in protocols 0 to 5. */
const fromPython: readonly string[] = [
  'KGRwMApWdwpwMQoobHAyCkYxLjUKYUYtMi4wCmFJMwphc1ZvCnAzCmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApwNAoodFJwNQpWYQpwNgpJMQpzc1ZuCnA3Ck5zVnQKcDgKKEkxClZ0d28KcDkKY19jb2RlY3MKZW5jb2RlCnAxMAooVjMKcDExClZsYXRpbjEKcDEyCnRwMTMKUnAxNAp0cDE1CnMu',
  'Y2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnAwCih0UnAxClZiCnAyCkkyCnMu',
  'fXEAKFgBAAAAd3EBXXECKEc/+AAAAAAAAEfAAAAAAAAAAEsDZVgBAAAAb3EDY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEEKVJxBVgBAAAAYXEGSwFzWAEAAABucQdOWAEAAAB0cQgoSwFYAwAAAHR3b3EJY19jb2RlY3MKZW5jb2RlCnEKKFgBAAAAM3ELWAYAAABsYXRpbjFxDHRxDVJxDnRxD3Uu',
  'Y2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEAKVJxAVgBAAAAYnECSwJzLg==',
  'gAJ9cQAoWAEAAAB3cQFdcQIoRz/4AAAAAAAAR8AAAAAAAAAASwNlWAEAAABvcQNjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQQpUnEFWAEAAABhcQZLAXNYAQAAAG5xB05YAQAAAHRxCEsBWAMAAAB0d29xCWNfY29kZWNzCmVuY29kZQpxClgBAAAAM3ELWAYAAABsYXRpbjFxDIZxDVJxDodxD3Uu',
  'gAJdcQAoSwFdcQEoSwJdcQJLA2FlZS4=',
  'gAJjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBWAEAAABicQJLAnMu',
  'gAN9cQAoWAEAAAB3cQFdcQIoRz/4AAAAAAAAR8AAAAAAAAAASwNlWAEAAABvcQNjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQQpUnEFWAEAAABhcQZLAXNYAQAAAG5xB05YAQAAAHRxCEsBWAMAAAB0d29xCUMBM3EKh3ELdS4=',
  'gANdcQAoSwFdcQEoSwJdcQJLA2FlZS4=',
  'gANjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBWAEAAABicQJLAnMu',
  'gASVZAAAAAAAAAB9lCiMAXeUXZQoRz/4AAAAAAAAR8AAAAAAAAAASwNljAFvlIwLY29sbGVjdGlvbnOUjAtPcmRlcmVkRGljdJSTlClSlIwBYZRLAXOMAW6UTowBdJRLAYwDdHdvlEMBM5SHlHUu',
  'gASVEgAAAAAAAABdlChLAV2UKEsCXZRLA2FlZS4=',
  'gASVKQAAAAAAAACMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5QpUpSMAWKUSwJzLg==',
  'gAWVZAAAAAAAAAB9lCiMAXeUXZQoRz/4AAAAAAAAR8AAAAAAAAAASwNljAFvlIwLY29sbGVjdGlvbnOUjAtPcmRlcmVkRGljdJSTlClSlIwBYZRLAXOMAW6UTowBdJRLAYwDdHdvlEMBM5SHlHUu',
  'gAWVEgAAAAAAAABdlChLAV2UKEsCXZRLA2FlZS4=',
  'gAWVKQAAAAAAAACMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5QpUpSMAWKUSwJzLg==',
];

test('what Python itself pickles is found', () => {
  for (const pickled of fromPython)
    assert.deepEqual(codes('x.bin', Buffer.from(pickled, 'base64')), ['unsafe.pickle'], pickled);
  const long = `(lp0\n${Array.from({ length: 20_000 }, (_, i) => `F${i}.5\na`).join('')}.`;
  assert.deepEqual(codes('x.bin', long), ['unsafe.pickle']);
});

test('lists of words, tables, JSON, weights and prose are no pickles', () => {
  const words = (letter: string) => Array.from({ length: 400 }, (_, i) => `${letter}lass_${i}`).join('\n');
  for (const letter of 'abcdefghijklmnopqrstuvwxyz(])}')
    assert.deepEqual(codes('labels.txt', words(letter)), [], letter);
  const texts = [
    '()\n',
    '(c) 2026 somebody. All rights reserved.\n',
    'cat\ndog\nbird\n'.repeat(300),
    '{"a": [1, 2]}',
    ']',
    '(a, b)\n'.repeat(99),
    '0\n1\n2\n',
  ];
  for (const text of texts) assert.deepEqual(codes('notes.txt', text), [], text.slice(0, 20));
  for (const byte of [0, 0x30, 0x4e, 0x65, 0x80, 0xff])
    assert.deepEqual(codes('weights.bin', Buffer.alloc(100_000, byte)), []);
  for (const file of ['iris.csv', 'model.onnx', 'README.md', 'metrics.json', 'logo.png', 'eula.txt'])
    assert.deepEqual(
      codes(file, readFileSync(join(import.meta.dirname, '../../../../../examples/iris-classifier', file))),
      [],
      file,
    );
});

test('programs and libraries are found by content and by name', () => {
  const executable = ['unsafe.executable'];
  assert.deepEqual(codes('model.onnx', readFileSync('/bin/sh')), executable);
  assert.deepEqual(codes('a', latin1('\xcf\xfa\xed\xfe\x07\0\0\x01')), executable);
  assert.deepEqual(codes('a', latin1('\xca\xfe\xba\xbe\0\0\0\x34')), executable);
  assert.deepEqual(codes('a', latin1('\0asm\x01\0\0\0')), executable);
  const portable = Buffer.alloc(256);
  portable.write('MZ');
  portable.writeUInt32LE(128, 60);
  portable.write('PE\0\0', 128);
  assert.deepEqual(codes('a', portable), executable);
  assert.deepEqual(codes('a.txt', 'MZ is a prefix in Moravia, and this is only text.'.repeat(3)), []);
  for (const name of ['libop.so', 'libop.so.1.2', 'op.dll', 'x.pyc', 'y.jar', 'z.exe'])
    assert.deepEqual(codes(name, 'x'), executable, name);
});

test('scripts are found by their first line and by name', () => {
  assert.deepEqual(codes('start', '#!/bin/sh\necho'), ['unsafe.script']);
  assert.deepEqual(codes('start', '#! /usr/bin/env python\n'), ['unsafe.script']);
  assert.deepEqual(codes('README.md', '#!not a path'), []);
  for (const name of ['train.py', 'run.SH', 'a.js', 'nb.ipynb', 'x.bat'])
    assert.deepEqual(codes(name, 'x = 1\n'), ['unsafe.script'], name);
});

// Written in parts, so that scanners of source code do not take this file for a leak.
const secrets: readonly (readonly [string, string])[] = [
  ['secret.private_key', ['-----BEGIN RSA PRIVATE', 'KEY-----\nMIIEowIBAAKCAQEA'].join(' ')],
  ['secret.private_key', ['-----BEGIN PRIVATE', 'KEY-----\nMIIEvQIBADANBgkq'].join(' ')],
  ['secret.cloud_key', ['AKIA', 'QWERTYUIOPASDFGH'].join('')],
  ['secret.cloud_key', `aws_secret_access_key = ${'aB3/'.repeat(10)}`],
  ['secret.cloud_key', `DefaultEndpointsProtocol=https;AccountKey=${'aB'.repeat(43)}==`],
  ['secret.token', ['ghp', 'a1B2'.repeat(9)].join('_')],
  ['secret.token', ['glpat', 'a1B2'.repeat(5)].join('-')],
  ['secret.token', ['hf', 'aB'.repeat(17)].join('_')],
  ['secret.token', 'postgres://ml:S3cr3tPass@db.example-host.net/prod'],
  ['secret.souk_key', newApiKey()],
];

test('secrets are found with their line, wherever the pieces of a file are cut', () => {
  for (const [code, secret] of secrets) {
    for (const chunkBytes of [7, 1 << 16]) {
      const [finding, ...more] = inspect('config.yaml', `first: 1\nsecond: ${secret}\n`, chunkBytes);
      assert.deepEqual([finding?.code, finding?.line, more], [code, 2, []], secret);
      assert.ok(!finding?.message.includes(secret.slice(10)), 'a finding must not repeat the secret');
    }
  }
});

test('a secret deep in a long file is found once, on its line', () => {
  const [, token = ''] = secrets[5] ?? [];
  const filler = `${'some ordinary line of text'.repeat(3)}\n`;
  const text = filler.repeat(20_000) + token + filler.repeat(20_000);
  assert.deepEqual(
    inspect('log.txt', text).map((finding) => [finding.code, finding.line]),
    [['secret.token', 20_001]],
  );
});

test('a private key between weights is found', () => {
  const [, key = ''] = secrets[0] ?? [];
  const weights = Buffer.alloc(300_000, 1);
  const bytes = Buffer.concat([Buffer.from([0, 1, 2]), weights, latin1(key), weights]);
  assert.deepEqual(codes('weights.bin', bytes), ['secret.private_key']);
});

test('examples, placeholders, metrics and digests are no secrets', () => {
  const harmless = [
    ['AKIA', 'IOSFODNN7EXAMPLE'].join(''),
    'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'postgres://user:password@localhost/db',
    'postgres://user:<password>@host/db',
    'https://example.org/a:b@c',
    'souk_http_request_duration_seconds_bucket',
    'souk_...',
    ['souk', 'a1B2c3'.repeat(7).slice(0, 38)].join('_'),
    'a'.repeat(64),
    '-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEA',
    '-----BEGIN PUBLIC KEY-----\nMIIEowIBAAKCAQEA',
    'hf_transfer and ghp_ are prefixes',
  ];
  for (const text of harmless) assert.deepEqual(codes('README.md', text), [], text);
});

test('left-over files are told once for each place; version control is refused', () => {
  const findings = hiddenFileFindings([
    'model.onnx',
    '.DS_Store',
    'a/.cache/x',
    'a/.cache/y',
    '__MACOSX/m',
    '.git/config',
    '.git/HEAD',
    'b.txt~',
  ]);
  assert.deepEqual(
    findings.map((finding) => [finding.code, finding.file]),
    [
      ['package.hidden_file', '.DS_Store'],
      ['package.hidden_file', 'a/.cache'],
      ['package.hidden_file', '__MACOSX'],
      ['package.repository', '.git'],
      ['package.hidden_file', 'b.txt~'],
    ],
  );
});
