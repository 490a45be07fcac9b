import type { Plan, ProductDocument } from './document.ts';
import type { Findings } from './document-findings.ts';
import { kindOf } from './document-resource.ts';
import type { DocumentContext, KnownResource } from './document-rules.ts';
import { type InstanceUse, instanceDimension, instanceOf, instanceUses, useWords } from './instance-hours.ts';
import { limits } from './limits.ts';
import {
  callDimension,
  keyOfPart,
  priceOfPart,
  transactions,
  type UsagePart,
  usageParts,
} from './plan-parts.ts';
import { termsRules } from './plan-terms-rules.ts';

/** What plans must say, and what they may charge for: answered calls, and hours of instances by use and instance type. */
export function planRules(document: ProductDocument, context: DocumentContext, found: Findings) {
  const list = document.plans ?? [];
  found.count(list.length, '/plans', 'plans', { min: 1, max: 100 });
  if (list.length > 0 && list.every((p) => p.visibility === 'private'))
    found.add(
      '/plans',
      'document.private_plans_only',
      'Every plan is private: whoever sees the product and is in no plan’s audience could not subscribe.',
      'Make one plan public, or make the product private and its plans public.',
    );
  const ids = list.map((p) => p.id);
  const names = list.map((p) => p.name?.trim().toLowerCase());
  const sold = soldThing(document, context);
  list.forEach((p, i) => {
    if (ids.indexOf(p.id) !== i)
      found.add(
        `/plans/${i}/id`,
        'document.duplicate_plan',
        `The plan id ${p.id} is used twice.`,
        'Give each plan its own id.',
      );
    if (names[i] && names.indexOf(names[i]) !== i)
      found.add(
        `/plans/${i}/name`,
        'document.duplicate_plan_name',
        `Two plans are called ${p.name?.trim()}; buyers could not tell them apart.`,
        'Give each plan its own name.',
      );
    plan(p, `/plans/${i}`, sold, found);
  });
}

interface Sold {
  readonly algorithm: boolean;
  readonly service: boolean;
  /** What calls are counted in. */
  readonly calls: string;
  /** Instance types of all its versions, by use; undefined where the versions’ resources are not all known. */
  readonly types: Readonly<Record<InstanceUse, readonly string[]>> | undefined;
}

function soldThing({ versions = [] }: ProductDocument, context: DocumentContext): Sold {
  const algorithm = versions.some((v) => kindOf(context.type, v) === 'algorithm');
  const service = context.type === 'web-service';
  const calls = callDimension(context.type);
  const what = { algorithm, service, calls };
  const known = versions.map((v) => context.resources?.get(v.modelPackageArn ?? v.algorithmArn ?? ''));
  if (known.length === 0 || known.some((r) => r === undefined)) return { ...what, types: undefined };
  const of = (types: (r: KnownResource) => readonly string[] | undefined) => [
    ...new Set(known.flatMap((r) => (r && types(r)) ?? [])),
  ];
  return {
    ...what,
    types: {
      realtime: of((r) => r.realtimeInstanceTypes),
      transform: of((r) => r.batchInstanceTypes),
      training: of((r) => r.trainingInstanceTypes),
    },
  };
}

function plan(p: Plan, at: string, sold: Sold, found: Findings) {
  found.required(p.name, `${at}/name`, 'The plan’s name');
  found.text(p.name, `${at}/name`, 'The plan’s name', limits.planNameChars);
  found.text(p.description, `${at}/description`, 'The plan’s description', limits.planDescriptionChars);
  const parts = p.parts ?? [];
  if (parts.length > 0 && !p.currency)
    found.add(
      `${at}/currency`,
      'document.missing',
      'A plan with a price needs a currency.',
      'Give an ISO 4217 code, for example USD.',
    );
  const keys = parts.map(keyOfPart);
  parts.forEach((part, i) => {
    const own = `${at}/parts/${i}`;
    if (part.kind === 'recurring') {
      if (keys.indexOf(keyOfPart(part)) !== i)
        found.add(
          own,
          'document.recurring_twice',
          'The plan has two monthly fees.',
          'Keep one; its amount is for the whole month.',
        );
      amount(part.amount, `${own}/amount`, found);
      return;
    }
    if (keys.indexOf(part.dimension) !== i)
      found.add(
        `${own}/dimension`,
        'document.duplicate_dimension',
        `The dimension ${part.dimension} is priced twice.`,
        'Keep one price for each dimension.',
      );
    dimension(part, own, sold, found);
    amount(priceOfPart(part), `${own}/pricePerUnit`, found);
  });
  if (p.quota && sold.algorithm) noCalls(`${at}/quota`, found);
  else if (p.quota && p.quota.dimension !== sold.calls)
    found.add(
      `${at}/quota/dimension`,
      'document.quota_dimension',
      `A quota of ${p.quota.dimension} cannot be held: calls are what is refused beyond it.`,
      sold.service ? `Use ${transactions}.` : 'Use inference.count; buyers limit hours with a budget.',
    );
  if (p.callsAtOnce !== undefined && sold.algorithm) noCalls(`${at}/callsAtOnce`, found);
  termsRules(p, at, found);
  unpriced(usageParts(parts), at, sold, found);
}

function dimension(part: UsagePart, own: string, sold: Sold, found: Findings) {
  const hours = instanceOf(part.dimension);
  if (sold.service && part.dimension !== transactions) {
    found.add(
      `${own}/dimension`,
      'document.service_dimension',
      `Of a web service, ${part.dimension} is never counted: it answers transactions.`,
      `Use ${transactions}.`,
    );
    return;
  }
  if (!hours) {
    if (part.dimension !== sold.calls)
      found.add(
        `${own}/dimension`,
        'document.unknown_dimension',
        part.dimension === transactions
          ? 'Transactions are what web services are counted in; calls of this product are inferences.'
          : `Nothing is counted as ${part.dimension}.`,
        `Use inference.count for calls, or ${instanceUses.map((use) => `${use}.seconds.<instance type>`).join(', ')} for hours.`,
      );
    else if (sold.algorithm) noCalls(`${own}/dimension`, found);
    else if (part.unit)
      found.add(
        `${own}/unit`,
        'document.price_unit',
        'A price per call has no unit of time.',
        'Remove unit, or price instances by the hour.',
      );
    return;
  }
  if (part.unit !== 'hour')
    found.add(
      `${own}/unit`,
      'document.price_unit',
      `The price of ${part.dimension} does not say that it is by the hour.`,
      'Write unit: hour, and the price of an hour; seconds are counted, and each costs its part.',
    );
  if (hours.use === 'training' && !sold.algorithm)
    found.add(
      `${own}/dimension`,
      'document.training_in_model_package',
      'A model package is trained already; only an algorithm is charged by the hour of training.',
      'Price hours of realtime and transform.',
    );
  else if (sold.types && !sold.types[hours.use].includes(hours.instanceType))
    found.add(
      `${own}/dimension`,
      'document.price_instance_type',
      `No version runs ${useWords[hours.use]} on ${hours.instanceType}, so nobody would ever pay this.`,
      sold.types[hours.use].length > 0
        ? `Price what is supported: ${sold.types[hours.use].join(', ')}.`
        : 'Remove this price.',
    );
}

const noCalls = (pointer: string, found: Findings) =>
  found.add(
    pointer,
    'document.algorithm_price',
    'A price, quota or limit for calls says nothing about an algorithm: it answers no calls, and nothing would ever be counted.',
    'Price hours: training.seconds.<instance type>, and realtime and transform for what it trained.',
  );

function amount(price: string, pointer: string, found: Findings) {
  const [whole = '', decimals = ''] = price.split('.');
  if (price.startsWith('-'))
    found.add(pointer, 'document.price', 'The price is below zero.', 'Give a price of 0 or more.');
  else if (
    decimals.length > limits.priceDecimals ||
    BigInt(whole) > BigInt(limits.priceMax) ||
    (BigInt(whole) === BigInt(limits.priceMax) && /[1-9]/.test(decimals))
  )
    found.add(
      pointer,
      'document.price',
      `The price ${price} is outside what can be charged (at most ${limits.priceMax}, ${limits.priceDecimals} decimals).`,
      'Give a price within these bounds.',
    );
}

/** Hours that cost nothing though others do are seldom meant. */
function unpriced(parts: readonly UsagePart[], at: string, sold: Sold, found: Findings) {
  const hourly = parts.filter((part) => instanceOf(part.dimension));
  const uses = new Set(hourly.map((part) => instanceOf(part.dimension)?.use));
  if (sold.algorithm && hourly.length > 0 && !uses.has('training'))
    found.add(
      `${at}/parts`,
      'document.training_price_missing',
      'The plan has prices, and none for hours of training, which is what an algorithm is subscribed to for.',
      'Give a price per hour of training for each instance type; 0 is one.',
    );
  if (hourly.length === 0 || !sold.types) return;
  for (const use of instanceUses) {
    const missing = sold.types[use].filter(
      (type) => !hourly.some((part) => part.dimension === instanceDimension(use, type)),
    );
    if (missing.length > 0 && !(sold.algorithm && use === 'training' && !uses.has('training')))
      found.add(
        `${at}/parts`,
        'document.hours_unpriced',
        `Hours of ${useWords[use]} on ${missing.join(', ')} have no price, and so cost nothing in this plan.`,
        'Give them a price, or 0 where that is meant.',
        'warning',
      );
  }
}
