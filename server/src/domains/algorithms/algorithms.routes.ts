import { algorithmOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Algorithms } from './algorithms.service.ts';

/** Sample data of 8 million bytes, escaped, beside a sample input and an expected answer. */
const registrationSizeBytesMax = 32 * 1024 * 1024;

export function algorithmRoutes(algorithms: Algorithms): Route[] {
  return [
    route({
      ...op.registerAlgorithm,
      who: may('model:manage', { narrowed: true }),
      bodySizeBytesMax: registrationSizeBytesMax,
      handle: ({ caller, body }) => algorithms.register(memberOf(caller), body),
    }),
    route({
      ...op.listAlgorithms,
      who: may('model:read', { narrowed: true }),
      handle: ({ caller, query }) => algorithms.list(memberOf(caller), query),
    }),
    route({
      ...op.getAlgorithm,
      who: may('model:read'),
      handle: ({ caller, params, query }) => algorithms.get(memberOf(caller), params.name, query.region),
    }),
    route({
      ...op.deleteAlgorithm,
      who: may('model:manage'),
      handle: ({ caller, params, query }) => algorithms.remove(memberOf(caller), params.name, query.region),
    }),
  ];
}
