import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '@souk/contract';
import { audienceCsv, readAudienceCsv } from './audiences.csv.ts';

const found = (text: string) => readAudienceCsv(text).findings.map((f) => [f.code, f.line]);
const id = (n: number) => String(100_000_000_000 + n);

test('account ids and notes are read, with or without heading, quotes, byte order mark and the separators of spreadsheets', () => {
  const text = `\ufeffAccount ID;Note\r\n${id(1)};"Ada, of ""Looms"""\r\n\r\n ${id(2)} , plain\n${id(3)}\tby tab\n${id(4)}`;
  assert.deepEqual(readAudienceCsv(text), {
    accounts: [
      { accountId: id(1), note: 'Ada, of "Looms"' },
      { accountId: id(2), note: 'plain' },
      { accountId: id(3), note: 'by tab' },
      { accountId: id(4), note: '' },
    ],
    findings: [],
  });
  assert.deepEqual(readAudienceCsv(''), { accounts: [], findings: [] });
});

test('each wrong line is named, with what is wrong, and the right ones hide none of them', () => {
  const lines = [
    'accountId,note',
    id(1),
    '12345678901,a leading zero was dropped',
    `${id(1)},again`,
    `${id(2)},a,b`,
    `${id(3)},${'x'.repeat(limits.audienceNoteChars + 1)}`,
    'accountId,a heading is only the first line',
    `${id(4)},"never closed`,
  ];
  assert.deepEqual(found(lines.join('\n')), [
    ['audience.account_id', 3],
    ['audience.duplicate', 4],
    ['audience.columns', 5],
    ['audience.note', 6],
    ['audience.account_id', 7],
    ['audience.quote', 8],
  ]);
});

test('a line after a note of several lines has its own number', () => {
  assert.deepEqual(found(`${id(1)},"two\nlines"\nnobody`), [['audience.account_id', 3]]);
});

test('a note may have 200 characters, and a character is what a reader sees', () => {
  assert.deepEqual(found(`${id(1)},${'ä'.repeat(199)}🙂`), []);
  assert.deepEqual(found(`${id(1)},${'ä'.repeat(200)}🙂`), [['audience.note', 1]]);
});

test('ids of 11 and of 13 digits are no account ids', () => {
  for (const wrong of ['12345678901', '1234567890123', '12345678901x', '１２３４５６７８９０１２'])
    assert.deepEqual(found(wrong), [['audience.account_id', 1]], wrong);
});

test('what is exported is what is imported, and no note is a formula to a spreadsheet', () => {
  const notes = [
    '',
    'plain',
    'a,b;c',
    'say "hi"',
    '=1+1',
    '+49 30',
    '-1',
    '@sum',
    "'quoted",
    "'=x",
    'two\nlines',
    'tab\tbed',
  ];
  const accounts = notes.map((note, i) => ({ accountId: id(i), note }));
  const csv = audienceCsv(accounts);
  assert.deepEqual(readAudienceCsv(csv), { accounts, findings: [] });
  for (const cell of csv.matchAll(/,"?([^\r]*)/g)) assert.doesNotMatch(cell[1] ?? '', /^[=+\-@]/);
});
