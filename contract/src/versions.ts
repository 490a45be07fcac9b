import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, record, Slug, Timestamp } from './schema.ts';

export const versionErrors = defineErrors({
  'version.missing': {
    kind: 'missing',
    message: '{product} has no released version {version}; it has {versions}.',
    remedy: 'Name one of these.',
  },
  'version.restricted_already': {
    kind: 'conflict',
    message: 'Version {version} has been restricted since {at}.',
    remedy: 'Nothing is left to do: new buyers do not see it, and those who have it keep it.',
  },
  'version.last_listed': {
    kind: 'conflict',
    message: 'Version {version} is the last one of {product} that new buyers can choose.',
    remedy: 'Release another version first, or take the whole product off the market.',
  },
  'version.withdrawn_already': {
    kind: 'conflict',
    message: 'Version {version} was withdrawn on {at}.',
    remedy: 'Nothing is left to do. The operator can bring it back.',
  },
  'version.not_withdrawn': {
    kind: 'conflict',
    message: 'Version {version} is not withdrawn.',
    remedy: 'Look at the table of versions.',
  },
  'version.replacement_self': {
    kind: 'invalid',
    message: '{version} cannot be its own replacement.',
    remedy: 'Name another one, or leave the replacement out.',
  },
  'version.replacement_not_listed': {
    kind: 'invalid',
    message: 'The replacement {replacement} cannot be chosen by buyers; these can: {listed}.',
    remedy: 'Name one of these, or leave the replacement out.',
  },
  'version.end_in_past': {
    kind: 'invalid',
    message: 'The end date {endsAt} is not in the future.',
    remedy: 'Choose {earliest} or later. To stop a version at once for its security, withdraw it.',
  },
  'version.end_too_early': {
    kind: 'invalid',
    message:
      'The end date {endsAt} is too early: this marketplace gives subscribers {noticeDays} days of notice.',
    remedy: 'Choose {earliest} or later. To stop a version at once for its security, withdraw it.',
  },
  'version.end_too_late': {
    kind: 'invalid',
    message: 'The end date {endsAt} is more than {yearsMax} years away.',
    remedy: 'Choose an earlier one: nobody plans that far.',
  },
  'version.ended': {
    kind: 'conflict',
    message: '{what} reached its end on {endsAt}; that cannot be changed any more.',
    remedy: 'Release a version with a new number.',
  },
  'version.no_end': {
    kind: 'conflict',
    message: '{what} has no end date.',
    remedy: 'Nothing is left to do.',
  },
});

export const Sunset = record('Sunset', {
  announcedAt: Timestamp,
  endsAt: Timestamp,
  reason: Type.String(),
  replacement: nullable(
    Type.String({ description: 'A version of the same product; for a product publisher/product.' }),
  ),
  ended: Type.Boolean(),
});
export type Sunset = Static<typeof Sunset>;

export const VersionStanding = record('VersionStanding', {
  restrictedAt: nullable(Timestamp),
  withdrawn: nullable(
    record('Withdrawal', {
      at: Timestamp,
      by: oneOf(['publisher', 'operator']),
      reason: Type.String(),
      replacement: nullable(Type.String()),
    }),
  ),
  sunset: nullable(Sunset),
});
export type VersionStanding = Static<typeof VersionStanding>;

export const ReleasedVersion = record('ReleasedVersion', {
  number: Type.String(),
  id: Type.String({
    description: 'publisher/product@number: the same in every region, and what calls may name.',
  }),
  latest: Type.Boolean(),
  state: oneOf(
    ['listed', 'restricted', 'withdrawn', 'ended'],
    'What new buyers and subscribers may do with it now.',
  ),
  standing: VersionStanding,
  releasedAt: nullable(Timestamp),
  subscribers: Type.Integer({ description: 'Subscriptions that have chosen it and are not over.' }),
  callsLast30Days: Type.Integer(),
  errorsLast30Days: Type.Integer({ description: 'Of these calls, those answered 4xx or 5xx.' }),
  lastCalledOn: nullable(Type.String({ description: 'A day, UTC.' })),
});
export type ReleasedVersion = Static<typeof ReleasedVersion>;

export const ReleasedVersions = record('ReleasedVersions', {
  productId: idOf('prd'),
  product: Type.String(),
  latest: nullable(Type.String()),
  noticeDays: Type.Integer({ description: 'The least notice of an end date, by the operator’s policy.' }),
  earliestEnd: Timestamp,
  sunset: nullable(Sunset),
  items: Type.Array(ReleasedVersion),
});
export type ReleasedVersions = Static<typeof ReleasedVersions>;

const number = Type.String({ minLength: 1, maxLength: 64 });
const reason = Type.String({
  minLength: 1,
  maxLength: 1000,
  description: 'Subscribers read it on their pages, in a mail, and in the answers to their calls.',
});
const product = fields({ productId: idOf('prd') });
const version = fields({ productId: idOf('prd'), version: number });
const Withdrawing = fields({ reason, replacement: Type.Optional(number) });
const tag = 'versions';

export const versionOperations = {
  listVersions: operation({
    id: 'listVersions',
    method: 'GET',
    path: '/api/products/:productId/versions',
    tag,
    summary: 'Released versions of one’s product: state, subscribers, calls',
    params: product,
    output: ReleasedVersions,
    errors: ['product.missing'],
  }),
  restrictVersion: operation({
    id: 'restrictVersion',
    method: 'POST',
    path: '/api/products/:productId/versions/:version/restrict',
    tag,
    summary: 'Restrict: those who have it keep it, new buyers do not see it',
    params: version,
    output: ReleasedVersions,
    errors: ['product.missing', 'version.missing', 'version.restricted_already', 'version.last_listed'],
  }),
  withdrawVersion: operation({
    id: 'withdrawVersion',
    method: 'POST',
    path: '/api/products/:productId/versions/:version/withdraw',
    tag,
    summary: 'Withdraw at once for its security: nobody is answered by it any more',
    params: version,
    body: Withdrawing,
    output: ReleasedVersions,
    errors: [
      'product.missing',
      'version.missing',
      'version.withdrawn_already',
      'version.replacement_self',
      'version.replacement_not_listed',
    ],
  }),
  setVersionSunset: operation({
    id: 'setVersionSunset',
    method: 'PUT',
    path: '/api/products/:productId/versions/:version/sunset',
    tag,
    summary: 'Give a version an end date, or move it',
    params: version,
    body: fields({ endsAt: Timestamp, reason: Type.Optional(reason), replacement: Type.Optional(number) }),
    output: ReleasedVersions,
    errors: [
      'product.missing',
      'version.missing',
      'version.last_listed',
      'version.replacement_self',
      'version.replacement_not_listed',
      'version.end_in_past',
      'version.end_too_early',
      'version.end_too_late',
      'version.ended',
    ],
  }),
  cancelVersionSunset: operation({
    id: 'cancelVersionSunset',
    method: 'DELETE',
    path: '/api/products/:productId/versions/:version/sunset',
    tag,
    summary: 'Take a version’s end date back',
    params: version,
    output: ReleasedVersions,
    errors: ['product.missing', 'version.missing', 'version.no_end', 'version.ended'],
  }),
  setProductSunset: operation({
    id: 'setProductSunset',
    method: 'PUT',
    path: '/api/products/:productId/sunset',
    tag,
    summary: 'Give a product with all its versions an end date, or move it',
    params: product,
    body: fields({
      endsAt: Timestamp,
      reason: Type.Optional(reason),
      replacement: Type.Optional(fields({ publisher: Slug, product: Slug })),
    }),
    output: ReleasedVersions,
    errors: [
      'product.missing',
      'version.replacement_self',
      'version.replacement_not_listed',
      'version.end_in_past',
      'version.end_too_early',
      'version.end_too_late',
      'version.ended',
    ],
  }),
  cancelProductSunset: operation({
    id: 'cancelProductSunset',
    method: 'DELETE',
    path: '/api/products/:productId/sunset',
    tag,
    summary: 'Take a product’s end date back',
    params: product,
    output: ReleasedVersions,
    errors: ['product.missing', 'version.no_end', 'version.ended'],
  }),
  operatorFindVersions: operation({
    id: 'operatorFindVersions',
    method: 'GET',
    path: '/api/operator/versions',
    tag: 'operator',
    summary: 'Released versions of any product, by its address; without one, all that are withdrawn',
    query: fields({ product: Type.Optional(Type.String({ maxLength: 127 })) }),
    output: record('OperatorVersions', { items: Type.Array(ReleasedVersions) }),
    errors: ['product.missing'],
  }),
  operatorWithdrawVersion: operation({
    id: 'operatorWithdrawVersion',
    method: 'POST',
    path: '/api/operator/products/:productId/versions/:version/withdraw',
    tag: 'operator',
    summary: 'Withdraw a version of any product at once for its security',
    params: version,
    body: Withdrawing,
    output: ReleasedVersions,
    errors: [
      'product.missing',
      'version.missing',
      'version.withdrawn_already',
      'version.replacement_self',
      'version.replacement_not_listed',
    ],
  }),
  operatorRestoreVersion: operation({
    id: 'operatorRestoreVersion',
    method: 'POST',
    path: '/api/operator/products/:productId/versions/:version/restore',
    tag: 'operator',
    summary: 'Bring a withdrawn version back: its subscribers may call it again',
    params: version,
    body: fields({ reason }),
    output: ReleasedVersions,
    errors: ['product.missing', 'version.missing', 'version.not_withdrawn'],
  }),
};
