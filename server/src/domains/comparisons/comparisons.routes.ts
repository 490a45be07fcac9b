import { comparisonOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Comparisons } from './comparisons.service.ts';

/** Reading needs the right to manage too: bodies of calls are more than a list of subscriptions shows. */
export function comparisonRoutes(comparisons: Comparisons): Route[] {
  const who = may('subscription:manage');
  return [
    route({
      ...op.listRecordedCalls,
      who,
      handle: ({ caller, params }) => comparisons.recordedCalls(memberOf(caller), params.subscriptionId),
    }),
    route({
      ...op.setRecording,
      who,
      handle: ({ caller, params, body }) =>
        comparisons.setRecording(memberOf(caller), params.subscriptionId, body.on),
    }),
    route({
      ...op.deleteRecordedCalls,
      who,
      handle: ({ caller, params }) => comparisons.remove(memberOf(caller), params.subscriptionId, null),
    }),
    route({
      ...op.deleteRecordedCall,
      who,
      handle: ({ caller, params }) =>
        comparisons.remove(memberOf(caller), params.subscriptionId, params.sampleId),
    }),
    route({
      ...op.compareVersions,
      who,
      handle: ({ caller, params, body }) =>
        comparisons.compare(memberOf(caller), params.subscriptionId, body),
    }),
    route({
      ...op.listComparisons,
      who,
      handle: ({ caller, params }) => comparisons.list(memberOf(caller), params.subscriptionId),
    }),
    route({
      ...op.getComparison,
      who,
      handle: ({ caller, params }) =>
        comparisons.get(memberOf(caller), params.subscriptionId, params.comparisonId),
    }),
  ];
}
