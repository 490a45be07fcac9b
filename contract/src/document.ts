import { type Static, Type } from 'typebox';
import { AccountId, Currency, Decimal, fields, nullable, oneOf, record, Sha256, Slug } from './schema.ts';
import { ServiceSection } from './services.ts';

/**
 * The product document: everything a publisher writes about a product. The schema holds the shape and refuses unknown
 * fields; every field may be absent, so that a half-written draft can be kept. What must be there, and the limits of the
 * reference (section 1.2), are in document-rules.ts, whose findings point into this document.
 */
export const categories = [
  'Machine Learning',
  'Computer Vision',
  'Natural Language Processing',
  'Speech Recognition',
  'Text',
  'Image',
  'Video',
  'Audio',
  'Structured',
  'Time Series',
  'Recommendation',
  'Anomaly Detection',
  'Finance',
  'Healthcare',
  'Science',
  'Data Labeling Services',
] as const;
export const Category = oneOf(categories);
export type Category = Static<typeof Category>;

const text = Type.String({ maxLength: 100_000 });
const optional = Type.Optional;

export const Media = record('Media', {
  sha256: Sha256,
  contentType: Type.String({ maxLength: 100 }),
  width: optional(Type.Integer()),
  height: optional(Type.Integer()),
});

/** A picture on the product page; those who do not see it read `alt`. */
export const Picture = record('Picture', { image: optional(nullable(Media)), alt: optional(text) });
export type Picture = Static<typeof Picture>;

/** A sample that is kept as a file: buyers save it, and the checks send its bytes. */
export const SampleFile = record('SampleFile', {
  sha256: Sha256,
  fileName: Type.String({ minLength: 1, maxLength: 255 }),
  sizeBytes: Type.Integer({ minimum: 1 }),
});
export type SampleFile = Static<typeof SampleFile>;

export const ListingSection = record('ListingSection', {
  visibility: optional(oneOf(['public', 'private'])),
  title: optional(text),
  shortDescription: optional(text),
  longDescription: optional(Type.String({ maxLength: 100_000, description: 'Markdown, safe subset' })),
  highlights: optional(Type.Array(text, { maxItems: 20 })),
  categories: optional(Type.Array(Category, { maxItems: 20 })),
  sku: optional(text),
});

export const PromotionSection = record('PromotionSection', {
  logo: optional(nullable(Media)),
  keywords: optional(Type.Array(text, { maxItems: 100 })),
  links: optional(Type.Array(fields({ text, url: text }), { maxItems: 20 })),
  videoUrl: optional(nullable(text)),
  images: optional(Type.Array(Picture, { maxItems: 50 })),
});

export const SupportSection = record('SupportSection', {
  offered: optional(Type.Boolean()),
  description: optional(text),
  email: optional(text),
  url: optional(text),
});

export const RegionsSection = record('RegionsSection', {
  mode: optional(oneOf(['all', 'selected'], '`all` means all current and future regions')),
  selected: optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: 200 })),
});

export const Parameter = record('Parameter', {
  name: text,
  description: optional(text),
  constraints: optional(text),
  required: optional(Type.Boolean()),
});

const samples = {
  contentType: optional(Type.String({ maxLength: 255 })),
  realtime: optional(Type.String({ maxLength: 100_000, description: 'One call, as text.' })),
  realtimeFile: optional(nullable(SampleFile)),
  batch: optional(Type.String({ maxLength: 100_000, description: 'A batch, as text.' })),
  batchFile: optional(nullable(SampleFile)),
};
export const Samples = record('Samples', samples);
export type Samples = Static<typeof Samples>;

/** A further content type in which the same thing may come or go, with what is particular to it. */
export const Format = record('Format', { ...samples, description: optional(text) });
export type Format = Static<typeof Format>;

export const Version = record('Version', {
  number: optional(text),
  modelPackageArn: optional(Type.String({ maxLength: 300 })),
  algorithmArn: optional(
    Type.String({ maxLength: 300, description: 'In place of it, in a product of the type algorithm.' }),
  ),
  state: optional(oneOf(['listed', 'restricted'])),
  releaseNotes: optional(text),
  usageInstructions: optional(text),
  notebookUrl: optional(text),
  repositoryUrl: optional(text),
  input: optional(
    record('VersionInput', {
      description: optional(text),
      limitations: optional(text),
      parameters: optional(Type.Array(Parameter, { maxItems: 200 })),
      customAttributes: optional(
        Type.Array(Parameter, {
          maxItems: 200,
          description: 'Invocation parameters: what a call may say in X-Amzn-SageMaker-Custom-Attributes.',
        }),
      ),
      samples: optional(Samples),
      formats: optional(Type.Array(Format, { maxItems: 50 })),
    }),
  ),
  output: optional(
    record('VersionOutput', {
      description: optional(text),
      parameters: optional(Type.Array(Parameter, { maxItems: 200 })),
      samples: optional(Samples),
      formats: optional(Type.Array(Format, { maxItems: 50 })),
    }),
  ),
  recommendedInstanceTypes: optional(
    fields({
      realtime: optional(Type.String({ maxLength: 63 })),
      batch: optional(Type.String({ maxLength: 63 })),
      training: optional(Type.String({ maxLength: 63, description: 'Of an algorithm.' })),
    }),
  ),
  training: optional(
    record('VersionTraining', {
      overview: optional(text),
      description: optional(text),
      sample: optional(
        Type.String({ maxLength: 100_000, description: 'Some rows of training data, as text' }),
      ),
      sampleUrl: optional(text),
    }),
  ),
});
export type Version = Static<typeof Version>;

/** A plan is made of parts; a free plan has none. */
export const UsagePrice = record('UsagePrice', {
  kind: Type.Literal('usage'),
  dimension: Type.String({
    maxLength: 255,
    description:
      'What is counted; `inference.count` for calls answered with 2XX, `transactions` for calls of a web service, `<realtime|transform|training>.seconds.<instance type>` for instances that run.',
  }),
  unit: optional(
    Type.Literal('hour', {
      description: 'Said with dimensions of seconds: the price and what is included are by the hour.',
    }),
  ),
  pricePerUnit: Decimal,
  includedQuantity: optional(
    Type.Integer({ minimum: 0, description: 'Units (or hours) per calendar month that cost nothing.' }),
  ),
});

/** A fee in advance for each month of a subscription, counted from its own date. */
export const RecurringPrice = record('RecurringPrice', {
  kind: Type.Literal('recurring'),
  amount: Decimal,
  per: Type.Literal('month'),
});

export const PlanPart = Type.Union([UsagePrice, RecurringPrice]);
export type PlanPart = Static<typeof PlanPart>;

export const Plan = record('Plan', {
  id: Slug,
  name: optional(text),
  description: optional(text),
  visibility: optional(
    oneOf(['public', 'private'], 'A private plan shows itself to the accounts of its own audience only.'),
  ),
  currency: optional(Currency),
  parts: optional(Type.Array(PlanPart, { maxItems: 200 })),
  quota: optional(
    nullable(
      fields({
        unitsPerMonth: Type.Integer({ minimum: 1 }),
        dimension: Type.String({ maxLength: 255 }),
        cycle: optional(
          oneOf(
            ['subscription', 'calendar'],
            'A month from the day of the subscription, or of the calendar (UTC). Of transactions the former is meant, else the latter.',
          ),
        ),
        atLimit: optional(
          oneOf(['stop', 'overage'], 'Calls beyond it are refused, or go on at the price of a unit.'),
        ),
      }),
    ),
  ),
  callsAtOnce: optional(
    Type.Integer({
      description:
        'So many calls may be under way at the same time, from 1 to 1000; the next is refused with 429 until one is answered. Absent: no limit.',
    }),
  ),
  trial: optional(
    nullable(
      fields({
        months: Type.Literal(1, {
          description:
            'The first month is free, once per account and product. Then the plan costs what it costs, unless cancelled; its account is told a week and a day before.',
        }),
      }),
    ),
  ),
  promotionCode: optional(
    Type.Boolean({ description: 'Only who gives a promotion code of the plan may subscribe to it.' }),
  ),
  hidden: optional(Type.Boolean({ description: 'Shown to those only who give a promotion code of it.' })),
});
export type Plan = Static<typeof Plan>;

export const TermsSection = record('TermsSection', {
  eula: optional(
    Type.String({ maxLength: 500_000, description: 'Plain text of the end user licence agreement' }),
  ),
  refundPolicy: optional(text),
});

export const AudienceSection = record('AudienceSection', {
  testAccounts: optional(Type.Array(AccountId, { maxItems: 5000 })),
});

export const ProductDocument = record('ProductDocument', {
  listing: optional(ListingSection),
  promotion: optional(PromotionSection),
  support: optional(SupportSection),
  regions: optional(RegionsSection),
  versions: optional(Type.Array(Version, { maxItems: 500 })),
  plans: optional(Type.Array(Plan, { maxItems: 100 })),
  terms: optional(TermsSection),
  audience: optional(AudienceSection),
  service: optional(ServiceSection),
});
export type ProductDocument = Static<typeof ProductDocument>;

export const sections = [
  'listing',
  'promotion',
  'support',
  'regions',
  'versions',
  'service',
  'plans',
  'terms',
  'audience',
] as const;
export type Section = (typeof sections)[number];
