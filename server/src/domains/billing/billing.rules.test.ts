import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Plan, usageParts } from '@souk/contract';
import { amountOf } from '../../platform/money.ts';
import { infrastructureLine } from './billing.lines.ts';
import { type BillableUsage, invoiceLines as linesOf, totals } from './billing.rules.ts';

const plan: Plan = {
  id: 'pay',
  name: 'Pay as you go',
  currency: 'USD',
  parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.002', includedQuantity: 1000 }],
};
const invoiceLines = (of: readonly BillableUsage[]) => linesOf(of, november);
const november = new Date('2026-11-01T00:00:00Z');
const usage = (quantity: number, of: Plan = plan): BillableUsage => ({
  subscriptionId: 'sub_1',
  productId: 'prd_1',
  productTitle: 'Iris',
  plan: of,
  revision: 1,
  acceptedAt: november,
  dimension: 'inference.count',
  quantity,
  records: 3,
  period: null,
  trial: false,
  usedIn: november,
  from: november,
  invoicedIn: november,
  to: new Date('2026-12-01T00:00:00Z'),
});

test('the included quantity costs nothing, one more costs its price', () => {
  assert.equal(invoiceLines([usage(1000)])[0]?.amount, '0.00');
  assert.equal(invoiceLines([usage(1000)])[0]?.billableQuantity, 0);
  assert.equal(invoiceLines([usage(1500)])[0]?.amount, '1.00');
});

test('an amount is rounded once, on its line, half to even', () => {
  assert.equal(amountOf(5, '0.001', 'USD'), '0.00');
  assert.equal(amountOf(15, '0.001', 'USD'), '0.02');
  assert.equal(amountOf(25, '0.001', 'USD'), '0.02');
  assert.equal(amountOf(3, '0.5', 'JPY'), '2');
  assert.equal(amountOf(999_999_999, '99999999.99999999', 'USD'), '99999999899999990.00');
});

test('a free plan gives a line of nothing, so that the usage is seen', () => {
  const [line] = invoiceLines([usage(42, { id: 'free', name: 'Free' })]);
  assert.equal(line?.amount, '0.00');
  assert.match(line?.description ?? '', /42 inferences, free/);
});

test('totals are the sum of the lines, by currency, however the usage falls', () => {
  for (let seed = 1; seed < 200; seed++) {
    const lines = invoiceLines(
      Array.from({ length: 1 + (seed % 7) }, (_, i) =>
        usage((seed * 7919 * (i + 1)) % 100_000, i % 3 ? plan : { ...plan, currency: 'EUR' }),
      ),
    );
    for (const { currency, amount } of totals(lines)) {
      const cents = lines
        .filter((l) => l.currency === currency)
        .reduce((n, l) => n + Math.round(Number(l.amount) * 100), 0);
      assert.equal(Math.round(Number(amount) * 100), cents);
    }
  }
});

test('the same usage gives the same invoice', () => {
  assert.deepEqual(invoiceLines([usage(12_345)]), invoiceLines([usage(12_345)]));
});

test('whatever the order of the usage, and however often somebody subscribed, no more is included than the largest plan has', () => {
  for (let seed = 1; seed < 200; seed++) {
    const given = Array.from({ length: 1 + (seed % 6) }, (_, i): BillableUsage => {
      const includedQuantity = (seed * 31 * (i + 1)) % 500;
      const [part] = usageParts(plan.parts);
      return {
        ...usage(
          (seed * 97 * (i + 3)) % 400,
          part ? { ...plan, parts: [{ ...part, includedQuantity }] } : plan,
        ),
        subscriptionId: `sub_${i}`,
        acceptedAt: new Date(november.getTime() + i * 3_600_000),
      };
    });
    const lines = invoiceLines(given);
    const largest = Math.max(...given.map((u) => usageParts(u.plan.parts)[0]?.includedQuantity ?? 0));
    const included = lines.reduce((n, l) => n + l.includedQuantity, 0);
    assert.ok(included <= largest, `${included} of ${largest}`);
    assert.ok(
      included >=
        Math.min(given[0]?.quantity ?? 0, usageParts(given[0]?.plan.parts)[0]?.includedQuantity ?? 0),
    );
    for (const l of lines) assert.equal(l.includedQuantity + l.billableQuantity, l.quantity);
    assert.deepEqual(invoiceLines(given.toReversed()), lines);
  }
});

const hourly = (pricePerUnit: string, includedQuantity = 0): Plan => ({
  id: 'hours',
  name: 'By the hour',
  currency: 'USD',
  parts: [
    {
      kind: 'usage',
      dimension: 'realtime.seconds.ml.c5.large',
      unit: 'hour',
      pricePerUnit,
      ...(includedQuantity ? { includedQuantity } : {}),
    },
  ],
});
const hours = (seconds: number, of: Plan): BillableUsage => ({
  ...usage(seconds, of),
  dimension: 'realtime.seconds.ml.c5.large',
});

test('seconds cost their part of the hour’s price, rounded once, half to even', () => {
  const amount = (seconds: number, price: string) => invoiceLines([hours(seconds, hourly(price))])[0]?.amount;
  assert.equal(amount(3600, '0.40'), '0.40');
  assert.equal(amount(5400, '0.40'), '0.60');
  assert.equal(amount(1, '36'), '0.01');
  assert.equal(amount(1, '18'), '0.00');
  assert.equal(amount(3, '18'), '0.02');
  // A third of a cent, a million times: nothing is lost before the line.
  assert.equal(amount(1_000_000, '12'), '3333.33');
  assert.equal(amount(2_678_400 * 100, '99999999.99999999'), '7440000000000.00');
});

test('hours that are included are hours, and the line speaks of hours', () => {
  const [line] = invoiceLines([hours(12_600, hourly('0.40', 2))]);
  assert.deepEqual(
    [line?.unit, line?.payee, line?.quantity, line?.includedQuantity, line?.billableQuantity, line?.amount],
    ['hour', 'publisher', 12_600, 7200, 5400, '0.60'],
  );
  assert.equal(
    line?.description,
    'Iris, By the hour: 3.5 hours of real-time on ml.c5.large, 2 included, 1.5 at 0.40 USD',
  );
});

test('hours without a price of the plan are free, and the marketplace’s price of the instances is a line of its own', () => {
  const of = hours(1800, { id: 'free', name: 'Free' });
  const [line] = invoiceLines([of]);
  assert.deepEqual([line?.amount, line?.description.endsWith(', free')], ['0.00', true]);
  const { plan: _, acceptedAt: __, period: _p, trial: _t, ...used } = of;
  const infrastructure = infrastructureLine({ ...used, pricePerHour: '0.05', currency: 'EUR' });
  assert.deepEqual(
    [infrastructure.payee, infrastructure.amount, infrastructure.currency, infrastructure.description],
    [
      'operator',
      '0.02',
      'EUR',
      'Infrastructure of Iris: 0.5 hours of real-time on ml.c5.large, 0.5 at 0.05 EUR',
    ],
  );
  assert.notEqual(infrastructure.id, line?.id);
});
