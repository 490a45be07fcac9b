export { billingRoutes } from './billing.routes.ts';
export { type Billing, newBilling } from './billing.service.ts';
