import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { answer } from './answer.ts';
import { estimate } from './estimate.ts';
import { toCsv } from './flats.ts';
import { here, readModel, sales, train } from './train.ts';

const root = 'http://estimator.example';
const flat = { District: 'Altstadt', AreaSqm: 72.5, Rooms: 3, YearBuilt: 1998, Floor: 2, Balcony: true };

function ask(method: string, address: string, body = '') {
  const url = new URL(root + address);
  const {
    status,
    contentType,
    body: text,
  } = answer(method, decodeURIComponent(url.pathname), url.searchParams, body, root);
  return { status, contentType, body: contentType.startsWith('application/json') ? JSON.parse(text) : text };
}

test('training again gives the same files, byte for byte', () => {
  const read = (name: string) => readFileSync(join(here, name), 'utf8');
  const { model, metrics } = train(sales());
  assert.equal(toCsv(sales()), read('sales.csv'));
  assert.deepEqual(model, JSON.parse(read('model.json')));
  assert.deepEqual(metrics, JSON.parse(read('metrics.json')));
});

test('a flat is estimated alike by function, by alias, by plain parameters and by action', () => {
  const wanted = estimate(readModel(), flat);
  assert.ok(wanted.LowEur < wanted.PriceEur && wanted.PriceEur < wanted.HighEur);
  const rest = 'AreaSqm=72.5,Rooms=3,YearBuilt=1998,Floor=2,Balcony=true';
  for (const address of [
    `/EstimatePrice(District='Altstadt',${rest})`,
    `/EstimatePrice(District=@d,${rest})?@d='Altstadt'`,
    `/EstimatePrice?District='Altstadt'&${rest.replaceAll(',', '&')}`,
  ]) {
    const { status, body } = ask('GET', address);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body, { '@odata.context': `${root}/$metadata#PriceEstimator.Estimate`, ...wanted });
  }
  const { body } = ask('POST', '/EstimatePrices', JSON.stringify({ Flats: [flat, flat] }));
  assert.deepEqual(body.value, [wanted, wanted]);
});

test('sales come in pages of a hundred that together are all of them', () => {
  const ids: number[] = [];
  let address: string | undefined = '/Sales?$count=true&$select=Id';
  while (address !== undefined) {
    const { body } = ask('GET', address);
    assert.equal(body['@odata.count'], 1200);
    assert.ok(body.value.length <= 100);
    ids.push(...body.value.map((row: { Id: number }) => row.Id));
    address = body['@odata.nextLink']?.slice(root.length);
  }
  assert.deepEqual(
    ids,
    Array.from({ length: 1200 }, (_, i) => i + 1),
  );
});

test('sets are filtered and ordered', () => {
  const { body } = ask(
    'GET',
    "/Sales?$filter=District eq 'Hafen' and Rooms gt 3&$orderby=PriceEur desc&$top=5",
  );
  assert.equal(body.value.length, 5);
  const prices = body.value.map((s: { PriceEur: number }) => s.PriceEur);
  assert.deepEqual(
    prices,
    [...prices].sort((a: number, b: number) => b - a),
  );
  assert.ok(
    body.value.every((s: { District: string; Rooms: number }) => s.District === 'Hafen' && s.Rooms > 3),
  );
  assert.equal(ask('GET', '/Districts').body.value.length, 12);
});

test('what it cannot do is refused in OData’s words', () => {
  const refused = (method: string, address: string, body?: string) => {
    const { status, body: answered } = ask(method, address, body);
    return [status, answered.error?.code];
  };
  assert.deepEqual(refused('GET', '/Sales?$expand=District'), [501, 'NotImplemented']);
  assert.deepEqual(refused('GET', "/Sales?$filter=startswith(District,'A')"), [501, 'NotImplemented']);
  assert.deepEqual(refused('GET', '/Sales?$top=-1'), [400, 'InvalidOption']);
  assert.deepEqual(refused('GET', '/Sales?$select=Nothing'), [400, 'UnknownProperty']);
  assert.deepEqual(refused('GET', "/Sales?$filter=District eq 'C'1'"), [400, 'InvalidLiteral']);
  assert.deepEqual(refused('GET', '/Houses'), [404, 'NotFound']);
  assert.deepEqual(refused('DELETE', '/Sales'), [405, 'MethodNotAllowed']);
  assert.deepEqual(refused('GET', "/EstimatePrice?District='Mars'"), [400, 'UnknownDistrict']);
  assert.deepEqual(refused('POST', '/EstimatePrices', '{'), [400, 'InvalidBody']);
  const bad = ask('POST', '/EstimatePrices', JSON.stringify({ Flats: [flat, { ...flat, Rooms: 2.5 }] }));
  assert.deepEqual([bad.status, bad.body.error.target], [400, 'Flats/1/Rooms']);
});
