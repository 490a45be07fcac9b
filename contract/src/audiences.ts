import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { limits } from './limits.ts';
import { operation } from './operation.ts';
import { AccountId, fields, idOf, nullable, oneOf, PageQuery, record, Slug, Timestamp } from './schema.ts';

export const audienceErrors = defineErrors({
  'audience.plan_missing': {
    kind: 'missing',
    message: 'The product {product} has no plan {planId}.',
    remedy: 'Add the plan to the draft first, with visibility private.',
  },
  'audience.not_listed': {
    kind: 'missing',
    message: 'The account {accountId} is not in this audience.',
    remedy: 'List the audience.',
  },
  'audience.too_many': {
    kind: 'invalid',
    message: 'The audience would have {accounts} accounts; {max} are allowed.',
    remedy: 'Take out accounts that no longer need it.',
  },
  'audience.csv_invalid': {
    kind: 'invalid',
    message: 'The file has {errors} lines that cannot be taken; nothing was changed.',
    remedy: 'The findings name each line and what to write there; correct them and import again.',
  },
});

export const AudienceAccount = record('AudienceAccount', {
  accountId: AccountId,
  note: Type.String(),
  accountName: nullable(
    Type.String({ description: 'Known only of accounts that are or were subscribed to the product.' }),
  ),
  subscribed: Type.Boolean(),
  addedBy: Type.String(),
  addedAt: Timestamp,
});
export type AudienceAccount = Static<typeof AudienceAccount>;

const product = fields({ productId: idOf('prd') });
const one = fields({ productId: idOf('prd'), accountId: AccountId });
const plan = Type.Optional(Slug);
const note = Type.String({ maxLength: limits.audienceNoteChars });
const tag = 'products';

export const audienceOperations = {
  listBuyers: operation({
    id: 'listBuyers',
    method: 'GET',
    path: '/api/products/:productId/buyers',
    tag,
    summary: 'The accounts that a private product, or one of its private plans, is for',
    params: product,
    query: fields({ plan, ...PageQuery }),
    output: record('AudiencePage', {
      items: Type.Array(AudienceAccount),
      nextCursor: nullable(Type.String()),
      total: Type.Integer(),
      max: Type.Integer(),
    }),
    errors: ['product.missing', 'audience.plan_missing'],
  }),
  putBuyer: operation({
    id: 'putBuyer',
    method: 'PUT',
    path: '/api/products/:productId/buyers/:accountId',
    tag,
    summary: 'Add an account to the audience, or change its note; works at once',
    params: one,
    body: fields({ plan, note: Type.Optional(note) }),
    output: AudienceAccount,
    errors: ['product.missing', 'audience.plan_missing', 'audience.too_many'],
  }),
  removeBuyer: operation({
    id: 'removeBuyer',
    method: 'DELETE',
    path: '/api/products/:productId/buyers/:accountId',
    tag,
    summary: 'Take an account out of the audience. A subscription that it has goes on; a new one is refused',
    params: one,
    query: fields({ plan }),
    output: null,
    status: 204,
    errors: ['product.missing', 'audience.plan_missing', 'audience.not_listed'],
  }),
  importBuyers: operation({
    id: 'importBuyers',
    method: 'POST',
    path: '/api/products/:productId/buyers/import',
    tag,
    summary: 'Add the accounts of a CSV file, or make the audience what the file says: all lines or none',
    params: product,
    body: fields({
      plan,
      mode: oneOf(['add', 'replace']),
      csv: Type.String({
        maxLength: 4_000_000,
        description: 'Lines of account id and note; a first line `accountId,note` is skipped.',
      }),
    }),
    output: record('AudienceImport', {
      added: Type.Integer(),
      changed: Type.Integer(),
      removed: Type.Integer(),
      total: Type.Integer(),
    }),
    errors: ['product.missing', 'audience.plan_missing', 'audience.too_many', 'audience.csv_invalid'],
  }),
  exportBuyers: operation({
    id: 'exportBuyers',
    method: 'GET',
    path: '/api/products/:productId/buyers/export',
    tag,
    summary: 'The audience as CSV, as the import takes it',
    params: product,
    query: fields({ plan }),
    output: null,
    outputType: 'text/plain',
    errors: ['product.missing', 'audience.plan_missing'],
  }),
};
