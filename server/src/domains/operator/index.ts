export { operatorRoutes } from './operator.routes.ts';
export { defaultPolicies } from './operator.rules.ts';
export { newOperator, type Operator } from './operator.service.ts';
