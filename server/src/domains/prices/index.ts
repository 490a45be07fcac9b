export { priceSubscribers } from './prices.notices.ts';
export { priceRoutes } from './prices.routes.ts';
export { type Step, stepAt } from './prices.rules.ts';
export { newPrices, type Prices } from './prices.service.ts';
