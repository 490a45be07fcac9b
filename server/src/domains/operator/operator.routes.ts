import { operatorOperations as op } from '@souk/contract';
import { may, type Route, route } from '../../platform/http.ts';
import type { Operator } from './operator.service.ts';

export function operatorRoutes(operator: Operator): Route[] {
  return [
    route({ ...op.getPolicies, who: may('operator:read'), handle: () => operator.policies() }),
    route({
      ...op.putPolicies,
      who: may('operator:manage'),
      handle: ({ caller, body }) => operator.putPolicies(caller, body),
    }),
    route({
      ...op.listInstanceTypes,
      who: may('instance-type:read'),
      handle: async () => ({ items: await operator.instanceTypes() }),
    }),
    route({
      ...op.putInstanceType,
      who: may('operator:manage'),
      handle: ({ caller, params, body }) => operator.putInstanceType(caller, { name: params.name, ...body }),
    }),
    route({
      ...op.listRegions,
      who: may('instance-type:read'),
      handle: async () => ({ items: operator.regions().map((name) => ({ name })) }),
    }),
    route({
      ...op.listDeployments,
      who: may('operator:read'),
      handle: async () => ({ items: await operator.deployments() }),
    }),
    route({
      ...op.restartDeployment,
      who: may('operator:manage'),
      handle: ({ caller, params }) => operator.restart(caller, params.deploymentId),
    }),
    route({ ...op.getHealth, who: may('operator:read'), handle: () => operator.health() }),
  ];
}
