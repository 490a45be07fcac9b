import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeDocument } from '../../test/document-at.ts';
import type { Plan } from './document.ts';
import { documentFindings } from './document-rules.ts';
import type { UsagePart } from './plan-parts.ts';

const arn = (kind: 'model-package' | 'algorithm') =>
  `arn:aws:sagemaker:souk-home-1:123456789012:${kind}/iris`;
const known = {
  status: 'Completed',
  certifyForMarketplace: true,
  realtimeInstanceTypes: ['ml.c5.large', 'ml.m5.large'],
  batchInstanceTypes: ['ml.c5.large'],
};

const hour = (dimension: string, more: Partial<UsagePart> = {}): UsagePart => ({
  kind: 'usage',
  dimension,
  unit: 'hour',
  pricePerUnit: '0.4',
  ...more,
});
const all = ['realtime.seconds.ml.c5.large', 'realtime.seconds.ml.m5.large', 'transform.seconds.ml.c5.large'];

/** What is said of the one plan of a product, as "code at where". */
function said(plan: Partial<Plan>, type: 'model-package' | 'algorithm' = 'model-package', blind = false) {
  const document = wholeDocument();
  const [version = {}] = document.versions ?? [];
  const { modelPackageArn: _, algorithmArn: __, ...rest } = version;
  const names = type === 'algorithm' ? { algorithmArn: arn(type) } : { modelPackageArn: arn(type) };
  const resources = new Map([
    [
      arn(type),
      {
        ...known,
        ...(type === 'algorithm' ? { trainingInstanceTypes: ['ml.m5.large', 'ml.m5.xlarge'] } : {}),
      },
    ],
  ]);
  const of = {
    ...document,
    versions: [{ ...rest, ...names }],
    plans: [{ id: 'p', name: 'P', currency: 'USD', ...plan }],
  };
  return documentFindings(of, { type, ...(blind ? {} : { resources }) })
    .filter((f) => f.pointer?.startsWith('/plans'))
    .map((f) => `${f.code.replace('document.', '')} ${f.pointer?.replace('/plans/0', '')}`);
}

test('hours of what the versions support can be priced, beside calls', () => {
  assert.deepEqual(said({ parts: all.map((d) => hour(d)) }), []);
  const calls = { kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.01' } as const;
  assert.deepEqual(said({ parts: [...all.map((d) => hour(d, { includedQuantity: 10 })), calls] }), []);
});

test('each way to price hours wrongly has its place and its code', () => {
  const wrong = (part: UsagePart) => said({ parts: [...all.map((d) => hour(d)), part] });
  assert.deepEqual(wrong(hour(all[0] ?? '')), ['duplicate_dimension /parts/3/dimension']);
  assert.deepEqual(wrong(hour('transform.seconds.ml.m5.large')), ['price_instance_type /parts/3/dimension']);
  assert.deepEqual(wrong(hour('realtime.seconds.ml.none')), ['price_instance_type /parts/3/dimension']);
  assert.deepEqual(wrong(hour('training.seconds.ml.m5.large')), [
    'training_in_model_package /parts/3/dimension',
  ]);
  assert.deepEqual(wrong(hour('realtime.hours.ml.c5.large')), ['unknown_dimension /parts/3/dimension']);
  assert.deepEqual(wrong(hour('inference.count')), ['price_unit /parts/3/unit']);
  const { unit: _, ...without } = hour(all[0] ?? '');
  assert.deepEqual(said({ parts: [without, ...all.slice(1).map((d) => hour(d))] }), [
    'price_unit /parts/0/unit',
  ]);
  assert.deepEqual(
    said({ parts: [hour(all[0] ?? '', { pricePerUnit: '-1' }), ...all.slice(1).map((d) => hour(d))] }),
    ['price /parts/0/pricePerUnit'],
  );
  assert.deepEqual(said({ quota: { unitsPerMonth: 1, dimension: all[0] ?? '' } }), [
    'quota_dimension /quota/dimension',
  ]);
});

test('on a desk that does not know what is registered, instance types are taken as meant', () => {
  assert.deepEqual(said({ parts: [hour('realtime.seconds.ml.none')] }, 'model-package', true), []);
});

test('hours that would cost nothing beside priced ones are told', () => {
  assert.deepEqual(said({ parts: [hour('realtime.seconds.ml.c5.large')] }), [
    'hours_unpriced /parts',
    'hours_unpriced /parts',
  ]);
});

test('an algorithm is charged by hours of training; calls, which it does not answer, are refused', () => {
  const training = ['ml.m5.large', 'ml.m5.xlarge'].map((t) => hour(`training.seconds.${t}`));
  const serving = all.map((d) => hour(d));
  assert.deepEqual(said({ parts: [...training, ...serving] }, 'algorithm'), []);
  assert.deepEqual(said({}, 'algorithm'), []);
  assert.deepEqual(said({ parts: serving }, 'algorithm'), ['training_price_missing /parts']);
  const calls = { kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.01' } as const;
  assert.deepEqual(said({ parts: [...training, ...serving, calls] }, 'algorithm'), [
    'algorithm_price /parts/5/dimension',
  ]);
  assert.deepEqual(said({ quota: { unitsPerMonth: 1, dimension: 'inference.count' } }, 'algorithm'), [
    'algorithm_price /quota',
  ]);
  assert.deepEqual(said({ callsAtOnce: 2 }, 'algorithm'), ['algorithm_price /callsAtOnce']);
});

const perUnit = { kind: 'usage', dimension: 'transactions', pricePerUnit: '0.01' } as const;
const fee = { kind: 'recurring', amount: '15.31', per: 'month' } as const;
const quota = { unitsPerMonth: 10_000, dimension: 'transactions' };
/** As `said`, of a web service. */
const service = (...plans: Partial<Plan>[]) =>
  documentFindings(
    {
      ...wholeDocument(),
      plans: plans.map((p, i) => ({ id: `p${i}`, name: `P${i}`, currency: 'USD', ...p })),
    },
    { type: 'web-service' },
  )
    .filter((f) => f.pointer?.startsWith('/plans'))
    .map((f) => `${f.code.replace('document.', '')} ${f.pointer?.replace('/plans/0', '')}`);

test('a plan may say how many calls it answers at the same time, from 1 to 1000', () => {
  for (const callsAtOnce of [1, 1000]) {
    assert.deepEqual(said({ callsAtOnce }), []);
    assert.deepEqual(service({ callsAtOnce, parts: [fee] }), []);
  }
  for (const callsAtOnce of [0, -1, 1001, 2 ** 31])
    assert.deepEqual(service({ callsAtOnce }), ['calls_at_once /callsAtOnce'], String(callsAtOnce));
});

test('a web service is sold by transactions: so many a month for a fee, unlimited, or with a price beyond', () => {
  assert.deepEqual(
    service(
      { quota, parts: [fee], trial: { months: 1 } },
      { parts: [fee] },
      { quota: { ...quota, atLimit: 'overage' }, parts: [fee, perUnit] },
      { parts: [perUnit] },
      { quota, promotionCode: true, hidden: true },
    ),
    [],
  );
});

test('each way to write a plan of transactions wrongly has its place and its code', () => {
  assert.deepEqual(service({ parts: [{ ...perUnit, dimension: 'inference.count' }] }), [
    'service_dimension /parts/0/dimension',
  ]);
  assert.deepEqual(service({ quota: { ...quota, dimension: 'inference.count' } }), [
    'quota_dimension /quota/dimension',
  ]);
  assert.deepEqual(service({ quota: { ...quota, atLimit: 'overage' } }), ['overage_unpriced /quota/atLimit']);
  assert.deepEqual(service({ parts: [fee, fee] }), ['recurring_twice /parts/1']);
  assert.deepEqual(service({ parts: [{ ...fee, amount: '-1' }] }), ['price /parts/0/amount']);
  assert.deepEqual(service({ parts: [{ ...perUnit, includedQuantity: 5 }] }), [
    'included_beside_quota /parts/0/includedQuantity',
  ]);
  assert.deepEqual(service({ quota: { ...quota, cycle: 'calendar' }, parts: [fee] }), [
    'fee_and_calendar_quota /quota/cycle',
  ]);
  assert.deepEqual(service({ trial: { months: 1 } }), ['trial_of_free_plan /trial']);
  assert.deepEqual(service({ hidden: true }), ['hidden_without_code /hidden']);
  assert.deepEqual(service({ name: 'Basic' }, { name: ' basic' }), ['duplicate_plan_name /plans/1/name']);
  assert.deepEqual(
    said({ parts: [{ ...perUnit }], quota }).map((f) => f.split(' ')[0]),
    ['unknown_dimension', 'quota_dimension'],
  );
});
