import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { verifyExport } from './verify-export.ts';

/** Entries as the server hashes them; the first follows nothing. */
function entries(count: number) {
  let previous = '0'.repeat(64);
  return Array.from({ length: count }, (_, i) => {
    const fields = [
      i + 1,
      '2026-11-20T10:00:00.123456',
      '123456789012',
      '=cmd',
      'key.created',
      'key_1',
      { note: 'a "b"\nc, d' },
      null,
      previous,
    ];
    const hashed = JSON.stringify(fields);
    const sha256 = createHash('sha256').update(hashed).digest('hex');
    const entry = {
      id: i + 1,
      at: '2026-11-20T10:00:00.123456Z',
      accountId: '123456789012',
      actor: '=cmd',
      action: 'key.created',
      target: 'key_1',
      details: { note: 'a "b"\nc, d' },
      requestId: null,
      previousSha256: previous,
      sha256,
      hashed,
    };
    previous = sha256;
    return entry;
  });
}
type Entry = ReturnType<typeof entries>[number];
const jsonl = (list: readonly object[]) => list.map((e) => `${JSON.stringify(e)}\n`).join('');
const cell = (v: unknown) => {
  const text = v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v);
  const safe = text.startsWith('=') ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};
const csv = (list: readonly Entry[]) =>
  [Object.keys(list[0] ?? {}).join(','), ...list.map((e) => Object.values(e).map(cell).join(','))].join(
    '\r\n',
  );
/** In small pieces, as a file is read. */
async function* pieces(text: string, size = 7) {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size);
}
const verify = (text: string) => verifyExport(pieces(text));

test('a whole export verifies, as JSON lines and as CSV, and says where it ends', async () => {
  const list = entries(5);
  for (const text of [jsonl(list), csv(list)]) {
    const check = await verify(text);
    assert.deepEqual(
      [check.problem, check.entries, check.gaps, check.first, check.last?.id, check.last?.sha256],
      [null, 5, 0, 1, 5, list[4]?.sha256],
    );
  }
});

test('an export of one account has gaps, which are counted and not taken for wrong', async () => {
  const list = entries(6).filter((e) => e.id !== 2 && e.id !== 5);
  const check = await verify(jsonl(list));
  assert.deepEqual([check.problem, check.entries, check.gaps], [null, 4, 2]);
});

test('the first entry that was changed is named, whichever part was changed, in both forms', async () => {
  for (const change of [
    { actor: 'eve' },
    { details: { note: 'x' } },
    { at: '2026-11-20T10:00:01.123456Z' },
    { previousSha256: 'f'.repeat(64) },
    { sha256: 'f'.repeat(64) },
    { hashed: '[]' },
  ]) {
    const list = entries(5).map((e) => (e.id === 3 ? { ...e, ...change } : e));
    for (const text of [jsonl(list), csv(list as Entry[])]) {
      const check = await verify(text);
      assert.equal(check.problem?.entry, 3, JSON.stringify(change));
      assert.equal(check.entries, 2);
    }
  }
});

test('an entry that was made anew with a right hash of its own does not follow, and the next one does not either', async () => {
  const list = entries(4);
  const second = list[1] as Entry;
  const fields = JSON.parse(second.hashed) as unknown[];
  fields[3] = 'eve';
  const hashed = JSON.stringify(fields);
  list[1] = { ...second, actor: 'eve', hashed, sha256: createHash('sha256').update(hashed).digest('hex') };
  const check = await verify(jsonl(list));
  assert.match(check.problem?.message ?? '', /entry 3 does not follow entry 2/);
});

test('entries in another order, twice, or a file that is no export are refused', async () => {
  const [one, two] = entries(2) as [Entry, Entry];
  assert.match((await verify(jsonl([two, one]))).problem?.message ?? '', /stands after/);
  assert.match((await verify(jsonl([one, one]))).problem?.message ?? '', /stands after/);
  assert.ok((await verify('a,b\r\n1,2\r\n')).problem);
  assert.ok((await verify('{"id": 1}\n')).problem);
  assert.ok((await verify('{"id": \n')).problem);
});

test('an empty export is empty', async () => {
  assert.deepEqual(await verify(''), { entries: 0, gaps: 0, first: null, last: null, problem: null });
});
