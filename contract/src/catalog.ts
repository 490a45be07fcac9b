import { type Static, Type } from 'typebox';
import { TrainingSpecification, TrainingTrial } from './algorithms.ts';
import { Category, Plan, PromotionSection, SupportSection, Version } from './document.ts';
import { defineErrors } from './errors.ts';
import { MeasuredLatency } from './measured-latency.ts';
import { OnnxDescription } from './models.ts';
import { operation } from './operation.ts';
import { ProductType, PublisherProfile, productTypes } from './products.ts';
import { Evidence } from './publishing.ts';
import { fields, idOf, nullable, oneOf, record, Sha256, Slug, Timestamp } from './schema.ts';
import { PublicServiceOperation } from './services.ts';
import { Sunset, VersionStanding } from './versions.ts';

export const catalogErrors = defineErrors({
  'catalog.missing': {
    kind: 'missing',
    message: 'There is no product {product} that you may see.',
    remedy: 'Check the address; a product in preview shows itself to its test accounts only.',
  },
  'catalog.trial_exhausted': {
    kind: 'limited',
    message: 'The {limit} free tries of today are used up.',
    remedy: 'Subscribe to go on, or come back tomorrow (UTC).',
  },
  'catalog.input_too_large': {
    kind: 'invalid',
    status: 413,
    message: 'A try takes at most {limitBytes} bytes.',
    remedy: 'Send a smaller input, or subscribe.',
  },
  'catalog.not_served': {
    kind: 'invalid',
    message: 'An algorithm answers no calls: it trains models.',
    remedy: 'Read its sample training on the product’s page.',
  },
  'catalog.not_running': {
    kind: 'unavailable',
    message: 'The model is starting.',
    remedy: 'Try again in some seconds.',
  },
});

export const priceKinds = ['free', 'usage'] as const;

export const CatalogItem = record('CatalogItem', {
  productId: idOf('prd'),
  publisher: Slug,
  publisherName: Type.String(),
  slug: Slug,
  type: ProductType,
  title: Type.String(),
  shortDescription: Type.String(),
  categories: Type.Array(Category),
  logoUrl: nullable(Type.String()),
  priceKind: oneOf(priceKinds),
  priceText: Type.String({ description: 'For people: "Free" or "0.002 USD per inference".' }),
  latestVersion: Type.String(),
  p99Ms: nullable(Type.Number({ description: 'Measured by this marketplace in the trial run.' })),
  rating: nullable(
    fields({
      count: Type.Integer(),
      average: Type.Number({ description: 'Plain mean of the visible reviews, to one decimal.' }),
    }),
  ),
  limited: Type.Boolean({ description: 'True for a preview that only its test accounts see.' }),
  publishedAt: nullable(Timestamp),
});
export type CatalogItem = Static<typeof CatalogItem>;

const Facet = record('Facet', { value: Type.String(), count: Type.Integer() });

export const CatalogPage = record('CatalogPage', {
  items: Type.Array(CatalogItem),
  total: Type.Integer({ description: 'Exact up to 1,000; beyond it 1,000 and totalIsMore.' }),
  totalIsMore: Type.Boolean(),
  facets: record('Facets', {
    type: Type.Array(Facet),
    category: Type.Array(Facet),
    priceKind: Type.Array(Facet),
    publisher: Type.Array(Facet),
    contentType: Type.Array(Facet),
    rating: Type.Array(Facet, { description: 'Rated so much or better: 4 counts those of 4.0 to 5.0.' }),
  }),
  suggestion: nullable(Type.String({ description: 'A spelling that finds more.' })),
  nextCursor: nullable(Type.String()),
});
export type CatalogPage = Static<typeof CatalogPage>;

export const CatalogVersion = record('CatalogVersion', {
  number: Type.String(),
  latest: Type.Boolean(),
  limited: Type.Boolean(),
  details: Version,
  contentTypes: Type.Array(Type.String()),
  responseTypes: Type.Array(Type.String()),
  instanceTypes: fields({ realtime: Type.Array(Type.String()), batch: Type.Array(Type.String()) }),
  id: Type.String({
    description: 'publisher/product@number: the same in every region, and what calls may name.',
  }),
  standing: VersionStanding,
  choosable: Type.Boolean({ description: 'False for one that was withdrawn or has reached its end.' }),
  modelName: Type.String({ description: 'The name under /v2/models.' }),
  training: nullable(
    record('CatalogTraining', {
      specification: TrainingSpecification,
      trial: TrainingTrial,
    }),
  ),
  onnx: nullable(OnnxDescription),
  packageSha256: Sha256,
  sizeBytes: Type.Integer(),
  measured: Type.Array(MeasuredLatency),
  evidence: Type.Array(Evidence),
  state: oneOf(
    ['ready', 'starting', 'down', 'not-served'],
    '`not-served`: an algorithm, which answers no calls.',
  ),
});
export type CatalogVersion = Static<typeof CatalogVersion>;

/** Said of a product that is no longer sold, to those who still have it. */
export const Leaving = record('Leaving', {
  kind: oneOf(['unpublish', 'take-down'], '`take-down` is the operator’s: calls are suspended'),
  endsAt: nullable(Timestamp),
  replacement: nullable(fields({ publisher: Slug, slug: Slug, title: Type.String() })),
});
export type Leaving = Static<typeof Leaving>;

/** Of a web service: what can be called, as buyers see it. */
export const CatalogService = record('CatalogService', {
  isOData: Type.Boolean(),
  operations: Type.Array(PublicServiceOperation),
  sample: nullable(
    fields({
      operation: Type.String(),
      arguments: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      rows: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
        description: 'The first rows that it was answered with when the product was checked.',
      }),
    }),
  ),
  recordsPerTransaction: Type.Integer(),
  queryKeyAllowed: Type.Boolean(),
  corsOrigins: Type.Array(Type.String()),
});
export type CatalogService = Static<typeof CatalogService>;

export const CatalogProduct = record('CatalogProduct', {
  item: CatalogItem,
  slot: oneOf(['preview', 'live']),
  revision: Type.Integer(),
  revisionSha256: Sha256,
  publisher: PublisherProfile,
  longDescription: Type.String(),
  highlights: Type.Array(Type.String()),
  promotion: PromotionSection,
  support: SupportSection,
  regions: Type.Array(Type.String()),
  versions: Type.Array(CatalogVersion),
  sunset: nullable(Sunset),
  plans: Type.Array(Plan),
  eula: fields({ text: Type.String(), sha256: Sha256 }),
  refundPolicy: Type.String(),
  statement: fields({ keyId: Type.String(), signedAt: Timestamp, verified: Type.Boolean() }),
  tried: Type.Boolean({ description: 'This account has had its free month of the product.' }),
  subscriptionId: nullable(idOf('sub')),
  service: nullable(CatalogService),
  callPath: Type.String({
    description:
      'Where calls go: /call/{publisher}/{product}, or of a web service /data/{publisher}/{product}/v1',
  }),
  ownedByMe: Type.Boolean(),
  leaving: nullable(Leaving),
});
export type CatalogProduct = Static<typeof CatalogProduct>;

export const TryResult = record('TryResult', {
  status: Type.Integer(),
  contentType: Type.String(),
  body: Type.String(),
  durationMs: Type.Number(),
  version: Type.String(),
  triesLeft: Type.Integer(),
});

const product = fields({ publisher: Slug, product: Slug });
const slot = fields({
  slot: Type.Optional(oneOf(['preview', 'live'], 'default: live, else preview for those who may see it')),
});
const tag = 'catalogue';

export const catalogOperations = {
  searchCatalog: operation({
    id: 'searchCatalog',
    method: 'GET',
    path: '/api/catalog/products',
    tag,
    summary: 'Search the catalogue: full text, tolerant of typos, with facets',
    query: fields({
      q: Type.Optional(Type.String({ maxLength: 200 })),
      type: Type.Optional(oneOf(productTypes)),
      category: Type.Optional(Category),
      priceKind: Type.Optional(oneOf(priceKinds)),
      publisher: Type.Optional(Slug),
      region: Type.Optional(Type.String({ maxLength: 63 })),
      contentType: Type.Optional(Type.String({ maxLength: 255 })),
      rating: Type.Optional(oneOf(['1', '2', '3', '4'], 'rated so much or better')),
      sort: Type.Optional(
        oneOf(
          ['relevance', 'newest', 'title', 'latency', 'rating'],
          'rating: by the mean with five reviews of 3.5 added, so that one enthusiast does not lead',
        ),
      ),
      cursor: Type.Optional(Type.String({ maxLength: 200 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 24 })),
    }),
    output: CatalogPage,
    errors: [],
  }),
  getCatalogProduct: operation({
    id: 'getCatalogProduct',
    method: 'GET',
    path: '/api/catalog/products/:publisher/:product',
    tag,
    summary: 'The product page’s content',
    params: product,
    query: slot,
    output: CatalogProduct,
    errors: ['catalog.missing'],
  }),
  getMlBom: operation({
    id: 'getMlBom',
    method: 'GET',
    path: '/api/catalog/products/:publisher/:product/versions/:version/bom',
    tag,
    summary: 'CycloneDX ML-BOM of a version',
    params: fields({ publisher: Slug, product: Slug, version: Type.String({ maxLength: 64 }) }),
    query: slot,
    output: Type.Unknown({ title: 'CycloneDX' }),
    errors: ['catalog.missing'],
  }),
  getSample: operation({
    id: 'getSample',
    method: 'GET',
    path: '/api/catalog/products/:publisher/:product/versions/:version/samples/:sha256',
    tag,
    summary: 'A sample file of a version, to save',
    params: fields({
      publisher: Slug,
      product: Slug,
      version: Type.String({ maxLength: 64 }),
      sha256: Sha256,
    }),
    query: slot,
    output: null,
    outputType: 'application/octet-stream',
    errors: ['catalog.missing'],
  }),
  getStatement: operation({
    id: 'getStatement',
    method: 'GET',
    path: '/api/catalog/products/:publisher/:product/statement',
    tag,
    summary: 'The signed statement (DSSE envelope, in-toto) over everything published',
    params: product,
    query: slot,
    output: Type.Unknown({ title: 'DsseEnvelope' }),
    errors: ['catalog.missing'],
  }),
  getSigningKey: operation({
    id: 'getSigningKey',
    method: 'GET',
    path: '/api/signing-key',
    tag,
    summary: 'The marketplace’s public key (Ed25519, PEM)',
    output: record('SigningKey', { keyId: Type.String(), publicKeyPem: Type.String() }),
    errors: [],
  }),
  getPublisherPage: operation({
    id: 'getPublisherPage',
    method: 'GET',
    path: '/api/catalog/publishers/:publisher',
    tag,
    summary: 'A publisher’s public profile',
    params: fields({ publisher: Slug }),
    output: PublisherProfile,
    errors: ['catalog.missing'],
  }),
  tryProduct: operation({
    id: 'tryProduct',
    method: 'POST',
    path: '/api/catalog/products/:publisher/:product/try',
    tag,
    summary: 'Run an input on the product page, within the small free allowance',
    params: product,
    query: slot,
    body: fields({
      version: Type.Optional(Type.String({ maxLength: 64 })),
      contentType: Type.String({ maxLength: 255 }),
      accept: Type.Optional(Type.String({ maxLength: 255 })),
      body: Type.String({ maxLength: 200_000 }),
    }),
    output: TryResult,
    errors: [
      'catalog.missing',
      'catalog.trial_exhausted',
      'catalog.input_too_large',
      'catalog.not_served',
      'catalog.not_running',
    ],
  }),
};
