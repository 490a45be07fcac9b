import { modelOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Models } from './models.service.ts';

/** A sample input and an expected answer of a million characters each, escaped. */
const profileSizeBytesMax = 16 * 1024 * 1024;

export function modelRoutes(models: Models): Route[] {
  return [
    route({
      ...op.createModelPackage,
      who: may('model:manage', { narrowed: true }),
      bodySizeBytesMax: profileSizeBytesMax,
      handle: ({ caller, body }) => models.create(memberOf(caller), body),
    }),
    route({
      ...op.listModelPackages,
      who: may('model:read', { narrowed: true }),
      handle: ({ caller, query }) => models.list(memberOf(caller), query),
    }),
    route({
      ...op.getModelPackage,
      who: may('model:read'),
      handle: ({ caller, params, query }) => models.get(memberOf(caller), params.name, query.region),
    }),
    route({
      ...op.deleteModelPackage,
      who: may('model:manage'),
      handle: ({ caller, params, query }) => models.remove(memberOf(caller), params.name, query.region),
    }),
  ];
}
