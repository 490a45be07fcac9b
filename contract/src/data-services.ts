import { type Static, Type } from 'typebox';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, record, Slug, Timestamp } from './schema.ts';

/** Data services as buyers have them ("my data"), and how well they work. */
export const serviceHealthStates = ['unknown', 'up', 'down'] as const;

export const ServiceHealth = record('ServiceHealth', {
  state: oneOf(serviceHealthStates, 'By the sample call on schedule; down after two failures in a row.'),
  since: nullable(Timestamp),
  checkedAt: nullable(Timestamp),
  everyMinutes: Type.Integer(),
  uptime24h: nullable(Type.Number({ description: 'Share of the sample calls that were answered, 0 to 1.' })),
  uptime30d: nullable(Type.Number()),
  latencyMs: nullable(Type.Number({ description: 'Median of the last 24 hours.' })),
});
export type ServiceHealth = Static<typeof ServiceHealth>;

export const ServiceHealthDetails = record('ServiceHealthDetails', {
  health: nullable(ServiceHealth),
  error: nullable(Type.String({ description: 'Why the last sample call failed.' })),
  checks: Type.Array(fields({ at: Timestamp, ok: Type.Boolean(), ms: nullable(Type.Number()) }), {
    description: 'The last 100 sample calls, newest first.',
  }),
  failures: Type.Array(
    fields({
      slot: oneOf(['preview', 'live']),
      code: Type.String(),
      detail: Type.String({ description: 'What buyers are not shown.' }),
      count: Type.Integer(),
      lastAt: Timestamp,
    }),
    { description: 'What calls of buyers failed at in the last 30 days, by kind.' },
  ),
});
export type ServiceHealthDetails = Static<typeof ServiceHealthDetails>;

export const MyData = record('MyData', {
  subscriptionId: idOf('sub'),
  publisher: Slug,
  product: Slug,
  title: Type.String(),
  plan: Type.String(),
  state: oneOf(['active', 'suspended', 'ended']),
  reason: nullable(Type.String()),
  serviceRoot: Type.String({ description: 'What clients of OData are given.' }),
  /** Transactions of this cycle; null: as many as one likes. */
  balance: nullable(
    fields({ limit: Type.Integer(), used: Type.Integer(), remaining: Type.Integer(), resetsAt: Timestamp }),
  ),
  health: nullable(ServiceHealth),
});
export type MyData = Static<typeof MyData>;

const tag = 'data';
const named = fields({ publisher: Slug, product: Slug });

export const dataOperations = {
  listMyData: operation({
    id: 'listMyData',
    method: 'GET',
    path: '/api/my-data',
    tag,
    summary: 'The account’s data services: where they are, what is left of the plan, how they work',
    output: record('MyDataList', { items: Type.Array(MyData) }),
    errors: [],
  }),
  getServiceHealth: operation({
    id: 'getServiceHealth',
    method: 'GET',
    path: '/api/catalog/products/:publisher/:product/health',
    tag,
    summary: 'How well a data service works; null where it is not watched',
    params: named,
    output: record('ServiceHealthAnswer', { health: nullable(ServiceHealth) }),
    errors: ['catalog.missing'],
  }),
  getOwnServiceHealth: operation({
    id: 'getOwnServiceHealth',
    method: 'GET',
    path: '/api/products/:productId/health',
    tag,
    summary: 'How well one’s own data service works: sample calls, and what calls of buyers failed at',
    params: fields({ productId: idOf('prd') }),
    output: ServiceHealthDetails,
    errors: ['product.missing'],
  }),
};
