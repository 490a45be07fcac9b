import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SoukError } from '../../../platform/errors.ts';
import { crc32c, maskedCrc32c } from './crc32c.ts';
import { columnsOf, csvLine, parseCsvLine } from './csv.ts';
import { gunzip } from './gunzip.ts';
import { newSplitter, type SplitType } from './split.ts';

const uri = 'souk://123456789012/in';
let seed = 7;
const random = (below: number) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};

/** Feeds a file in pieces of random lengths, down to single bytes. */
function split(type: SplitType, file: Buffer, recordBytesMax = 1_000_000): Buffer[] {
  const splitter = newSplitter(type, { uri, recordBytesMax });
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const size = 1 + random(random(4) === 0 ? 3 : 40);
    const piece = Buffer.from(file.subarray(at, at + size));
    records.push(...splitter.push(piece).map((r) => Buffer.from(r)));
    at += size;
  }
  records.push(...splitter.end());
  return records;
}
function codeOf(work: () => unknown): [string, unknown] {
  try {
    work();
    return ['taken', undefined];
  } catch (error) {
    if (!(error instanceof SoukError)) throw error;
    return [error.code, error.params.record ?? error.params.line];
  }
}

const recordIo = (content: Buffer, flag = 0) => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0xced7230a, 0);
  head.writeUInt32LE(((flag << 29) | content.length) >>> 0, 4);
  return Buffer.concat([head, content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
};
const tfRecord = (content: Buffer) => {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(content.length), 0);
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(maskedCrc32c(content), 0);
  return Buffer.concat([head, content, tail]);
};
const anyBytes = () => Buffer.from(Array.from({ length: random(60) }, () => random(256)));

test('lines come out whole however the file is cut: LF, CRLF, no end, empty ones, several bytes a character', () => {
  const texts = ['a', 'Größe,1', '日本語テキスト', '🎉🎉', '', '1,2,3', 'x'.repeat(70), 'with \r inside'];
  for (let round = 0; round < 300; round++) {
    const lines = Array.from({ length: random(8) }, () => texts[random(texts.length)] ?? '');
    const ends = lines.map((): string => (random(2) ? '\n' : '\r\n'));
    if (lines.length > 0 && random(2)) ends[lines.length - 1] = '';
    const file = Buffer.from(lines.map((l, i) => l + ends[i]).join(''));
    assert.deepEqual(
      split('Line', file).map(String),
      lines.filter((l) => l !== ''),
    );
  }
});

test('RecordIO and TFRecord records come out framed, byte for byte, however the file is cut', () => {
  for (let round = 0; round < 200; round++) {
    const contents = Array.from({ length: random(6) }, anyBytes);
    for (const [type, frame] of [
      ['RecordIO', recordIo],
      ['TFRecord', tfRecord],
    ] as const) {
      const framed = contents.map((c) => frame(c));
      assert.deepEqual(split(type, Buffer.concat(framed)), framed, type);
    }
  }
  const parts = [
    recordIo(Buffer.from('ab'), 1),
    recordIo(Buffer.from('cd'), 2),
    recordIo(Buffer.from('e'), 3),
  ];
  assert.deepEqual(split('RecordIO', Buffer.concat([...parts, recordIo(Buffer.from('f'))])), [
    Buffer.concat(parts),
    recordIo(Buffer.from('f')),
  ]);
});

test('a file that is cut off, or damaged at any byte, is never taken for whole', () => {
  for (const [type, code, file] of [
    [
      'RecordIO',
      'transform.record_io_broken',
      Buffer.concat([recordIo(Buffer.from('abc')), recordIo(Buffer.from('defgh'))]),
    ],
    [
      'TFRecord',
      'transform.tf_record_broken',
      Buffer.concat([tfRecord(Buffer.from('abc')), tfRecord(Buffer.from('defgh'))]),
    ],
  ] as const) {
    const second = file.indexOf(
      type === 'RecordIO' ? recordIo(Buffer.from('defgh')) : tfRecord(Buffer.from('defgh')),
    );
    for (let size = 1; size < file.length; size++)
      if (size !== second)
        assert.deepEqual(
          codeOf(() => split(type, file.subarray(0, size))),
          [code, size < second ? 1 : 2],
          `${type} cut at ${size}`,
        );
  }
  const good = tfRecord(Buffer.from('checked'));
  for (let at = 0; at < good.length; at++) {
    const damaged = Buffer.from(good);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    assert.equal(codeOf(() => split('TFRecord', damaged))[0], 'transform.tf_record_broken', `byte ${at}`);
  }
});

test('a record above what a call may carry is refused before it is held in memory', () => {
  assert.deepEqual(
    codeOf(() => split('Line', Buffer.from(`ok\n${'x'.repeat(101)}\n`), 100)),
    ['transform.record_too_large', 2],
  );
  assert.equal(split('Line', Buffer.from(`${'x'.repeat(100)}\r\n`), 100).length, 1);
  assert.deepEqual(
    codeOf(() => split('RecordIO', recordIo(Buffer.alloc(100)).subarray(0, 8), 100))[0],
    'transform.record_too_large',
  );
  assert.deepEqual(
    codeOf(() => split('TFRecord', tfRecord(Buffer.alloc(100)).subarray(0, 12), 100))[0],
    'transform.record_too_large',
  );
  assert.equal(codeOf(() => split('None', Buffer.alloc(101), 100))[0], 'transform.file_too_large');
  assert.deepEqual(split('None', Buffer.from('a\nb'), 100).map(String), ['a\nb']);
  for (const type of ['Line', 'RecordIO', 'TFRecord', 'None'] as const)
    assert.deepEqual(split(type, Buffer.alloc(0)), []);
});

test('CRC-32C is the one of RFC 3720', () => {
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

test('CSV lines are read and written as RFC 4180 says, and their columns counted', () => {
  const some = ['1', '', 'a b', 'a,b', 'say "hi"', '"', 'Größe', '5.1'];
  for (let round = 0; round < 300; round++) {
    const texts = Array.from({ length: 1 + random(6) }, () => some[random(some.length)] ?? '');
    const line = csvLine(texts);
    assert.deepEqual(parseCsvLine(line), texts, line);
    assert.equal(columnsOf(Buffer.from(line)), texts.length, line);
  }
  assert.equal(columnsOf(Buffer.from('1,"open')), -1);
});

async function unpacked(packed: Buffer | Readable) {
  const chunks: Buffer[] = [];
  for await (const chunk of gunzip(packed instanceof Readable ? packed : Readable.from([packed]), uri))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
const refusal = (packed: Buffer | Readable) =>
  unpacked(packed).then(
    () => 'taken',
    (error: unknown) => (error instanceof SoukError ? error.code : String(error)),
  );

test('gzip is unpacked, several members too; what is none, cut off or damaged is told apart', async () => {
  const packed = gzipSync('1,2\n'.repeat(1000));
  assert.equal(await unpacked(packed), '1,2\n'.repeat(1000));
  assert.equal(await unpacked(Buffer.concat([gzipSync('a'), gzipSync('b')])), 'ab');
  assert.equal(await refusal(Buffer.from('1,2\n3,4\n')), 'transform.not_gzip');
  assert.equal(await refusal(Buffer.alloc(0)), 'transform.not_gzip');
  assert.equal(await refusal(packed.subarray(0, -9)), 'transform.gzip_cut_off');
  const damaged = Buffer.from(packed);
  damaged[packed.length - 6] = (damaged[packed.length - 6] ?? 0) ^ 0xff;
  assert.equal(await refusal(damaged), 'transform.not_gzip');
});

test('a gzip bomb is given up while it unpacks', async () => {
  const zeros = gzipSync(Buffer.alloc(8 * 1024 * 1024), { level: 9 });
  assert.equal(await refusal(Readable.from(Array.from({ length: 60 }, () => zeros))), 'transform.gzip_bomb');
});
