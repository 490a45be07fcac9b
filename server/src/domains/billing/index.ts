export { billingRoutes } from './billing.routes.ts';
export { totals } from './billing.rules.ts';
export { type Billing, newBilling } from './billing.service.ts';
