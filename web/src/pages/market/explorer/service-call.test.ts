import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublicOperation } from '@souk/contract/services';
import { balanceOf, failureOf, rowsOf } from './service-answer.ts';
import { callOf, firstValues, problemsOf } from './service-call.ts';
import { codeOf } from './service-code.ts';
import { argumentsIn, nameIn, optionsIn } from './service-sample.ts';

const score: PublicOperation = {
  name: 'Score',
  kind: 'both',
  collection: false,
  parameters: [
    { name: 'age', type: 'Edm.Int32', sample: '39' },
    { name: 'name', type: 'Edm.String' },
    { name: 'status', type: 'Edm.String', default: 'single' },
    { name: 'since', type: 'Edm.Date', nullable: true },
    { name: 'ids', type: 'Edm.Int64', collection: true, nullable: true },
  ],
  columns: [{ name: 'label', type: 'Edm.String' }],
};
const towns: PublicOperation = {
  name: 'Towns',
  kind: 'function',
  collection: true,
  parameters: [],
  columns: [],
};
const root = 'https://souk.example/data/acme/income/v1';

test('values become literals: quotes doubled, texts quoted, lists by alias, what is empty left out', () => {
  const call = callOf(root, score, { age: '39', name: "L'Aquila/x", ids: '1\n9007199254740993\n' }, {});
  assert.deepEqual(call, {
    method: 'GET',
    url: `${root}/Score(age=39,name='L''Aquila%2Fx',ids=@ids)?@ids=%5B1,9007199254740993%5D`,
    body: null,
  });
});

test('long values and actions are sent in a body, with numbers as they were typed', () => {
  const long = callOf(root, score, { age: '039', name: 'x'.repeat(3000), since: '2026-01-31' }, {});
  assert.equal(long.method, 'POST');
  assert.equal(long.body, `{"age":39,"name":"${'x'.repeat(3000)}","since":"2026-01-31"}`);
  const action = callOf(
    root,
    { ...score, kind: 'action' },
    { age: '1', name: '', ids: '12345678901234567890' },
    {},
  );
  assert.deepEqual([action.url, action.body], [`${root}/Score`, '{"age":1,"ids":[12345678901234567890]}']);
});

test('options are for operations that answer many rows', () => {
  const options = { filter: "contains(Name,'a b')", top: '5', select: '', orderby: 'Id desc' };
  assert.equal(
    callOf(root, towns, {}, options).url,
    `${root}/Towns?$filter=contains(Name,'a%20b')&$orderby=Id%20desc&$top=5`,
  );
  assert.doesNotMatch(callOf(root, score, { age: '1', name: 'x' }, options).url, /\?/);
});

test('what is missing or of another type is said before anything is paid for', () => {
  assert.deepEqual(
    problemsOf(score, { age: '39.5', since: '31.1.2026', ids: '1\nx' }).map(({ parameter }) => parameter),
    ['age', 'name', 'since', 'ids'],
  );
  assert.deepEqual(problemsOf(score, { age: ' 39 ', name: 'x' }), []);
});

test('the form begins with the sample call of the publisher, then samples, then defaults', () => {
  const sample = { operation: 'Score', arguments: { name: 'Ada', ids: [1, 2] } };
  assert.deepEqual(firstValues(score, sample), {
    age: '39',
    name: 'Ada',
    status: 'single',
    since: '',
    ids: '1\n2',
  });
  assert.deepEqual(['Score', '/Towns(7)?$top=1', 'Towns?x'].map(nameIn), ['Score', 'Towns', 'Towns']);
  assert.equal(firstValues(score, { operation: 'Other', arguments: { age: 1 } }).age, '39');
});

test('the sample of an OData service is a path: its values and options fill the form', () => {
  assert.deepEqual(argumentsIn("/Score(age=39,%20name='L''Aquila, (x)',since=2026-01-31)?$top=1"), {
    age: '39',
    name: "L'Aquila, (x)",
    since: '2026-01-31',
  });
  assert.deepEqual(argumentsIn('Towns?$top=1'), {});
  assert.deepEqual(optionsIn("Towns?$filter=Name%20eq+'a'&$top=5&$count=true"), {
    filter: "Name eq 'a'",
    top: '5',
  });
  assert.deepEqual(optionsIn('Towns'), {});
  assert.equal(firstValues(score, { operation: "Score(name='Ada')" }).name, 'Ada');
});

test('the code says the same call in every language, and no key stands in it', () => {
  const call = callOf(root, score, { age: '1', name: "it's é" }, {});
  const codes = codeOf(call);
  assert.deepEqual(
    codes.map(({ id }) => id),
    ['curl', 'python', 'typescript', 'csharp', 'r'],
  );
  for (const { code } of codes) {
    assert.match(code, /SOUK_API_KEY/);
    assert.match(code, /%20%C3%A9/);
  }
  for (const { code } of codeOf({ method: 'POST', url: root, body: '{"a":"é\'"}' }))
    assert.match(code, /\\u00e9|é/);
});

test('rows, one row and one value are rows without annotations', () => {
  assert.deepEqual(rowsOf({ '@odata.context': 'x', value: [{ '@odata.id': null, a: 1 }] }), [{ a: 1 }]);
  assert.deepEqual(rowsOf({ '@odata.context': 'x', a: 1, 'a@odata.type': '#Int32' }), [{ a: 1 }]);
  assert.deepEqual(rowsOf({ '@odata.context': 'x', value: 3 }), [{ value: 3 }]);
  assert.deepEqual(rowsOf(undefined), []);
});

test('an error is shown with its code and the way out, wherever that stands', () => {
  const souk = failureOf(
    403,
    {
      error: {
        code: 'data.no_subscription',
        message: 'Not subscribed. Subscribe.',
        innererror: { remedy: 'Subscribe.' },
      },
    },
    'req_1',
  );
  assert.deepEqual(
    [souk.code, souk.detail.message, souk.detail.remedy, souk.detail.requestId],
    ['data.no_subscription', 'Not subscribed.', 'Subscribe.', 'req_1'],
  );
  assert.equal(failureOf(502, undefined, null).code, 'http.502');
});

test('the balance is what the headers say, and nothing where they say nothing', () => {
  assert.equal(balanceOf(new Headers()), null);
  assert.deepEqual(
    balanceOf(
      new Headers({
        'x-souk-transactions': '2',
        'x-souk-balance-limit': '100',
        'x-souk-balance-remaining': '98',
      }),
    ),
    { transactions: 2, remaining: 98, limit: 100, resetsAt: null },
  );
  assert.equal(balanceOf(new Headers({ 'x-souk-balance-limit': 'unlimited' }))?.remaining, null);
});
