import assert from 'node:assert/strict';
import type { ErrorBody, Invoice, Subscription, Usage } from '@souk/contract';
import { meteringNeeds, subscriptionOffer } from '../src/compose-needs.ts';
import { audienceRoutes, newAudiences } from '../src/domains/audiences/index.ts';
import { billingRoutes, newBilling } from '../src/domains/billing/index.ts';
import { sha256Of } from '../src/domains/catalog/catalog.page.ts';
import { catalogRoutes, newCatalog } from '../src/domains/catalog/index.ts';
import { meteringRoutes, newMetering } from '../src/domains/metering/index.ts';
import { newProducts } from '../src/domains/products/index.ts';
import { newSubscriptions, subscriptionRoutes } from '../src/domains/subscriptions/index.ts';
import type { Member } from '../src/platform/authorize.ts';
import type { Clock } from '../src/platform/clock.ts';
import { type GivenProduct, insertProduct } from './catalog.ts';
import { testDatabase } from './database.ts';
import { testMember, testPlatform, testServer } from './platform.ts';

/** Catalogue, subscriptions, metering and billing on one database, as compose puts them together; the clock can be moved. */
export async function testSubscribing() {
  const database = await testDatabase();
  const { db } = database;
  const time = { at: undefined as Date | undefined };
  const clock: Clock = { now: () => time.at ?? new Date() };
  const platform = { ...testPlatform(database), clock };
  const never = () => Promise.reject(new Error('nobody asks here'));
  const catalog = newCatalog(platform, {
    verifyStatement: () => false,
    callDeployment: async () => null,
    policies: never,
  });
  const products = newProducts(platform, { documentContext: never, hasPublisherProfile: async () => true });
  const subscriptions = newSubscriptions(platform, {
    offer: subscriptionOffer(catalog),
    ownsProduct: products.owns,
  });
  const metering = newMetering(platform, meteringNeeds(subscriptions, products));
  const billing = newBilling(platform, metering, subscriptions.billed);
  const { send } = testServer(platform, [
    ...catalogRoutes(catalog),
    ...subscriptionRoutes(subscriptions),
    ...meteringRoutes(metering),
    ...billingRoutes(billing),
    ...audienceRoutes(newAudiences(platform)),
  ]);

  async function ok<T>(
    who: Member,
    method: 'GET' | 'POST' | 'PATCH',
    url: string,
    payload?: object,
  ): Promise<T> {
    const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
    assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
    return answer.json<T>();
  }
  /** The error's code. */
  async function refused(who: Member, method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) {
    const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
    assert.ok(answer.statusCode >= 400, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
    return answer.json<ErrorBody>().error.code;
  }

  const agreement = (product: GivenProduct, more: object = {}) => ({
    publisher: product.publisher,
    product: product.slug,
    planId: 'free',
    eulaSha256: sha256Of('Use it well.'),
    acceptEula: true,
    ...more,
  });

  return {
    ...database,
    platform,
    catalog,
    send,
    ok,
    refused,
    agreement,
    setTime: (at: string) => {
      time.at = new Date(at);
    },
    member: () => testMember(db),
    release: (product: GivenProduct) => insertProduct(db, product),
    subscribe: (who: Member, product: GivenProduct, more: object = {}) =>
      ok<Subscription>(who, 'POST', '/api/subscriptions', agreement(product, more)),
    cancel: (who: Member, id: string) => ok<Subscription>(who, 'POST', `/api/subscriptions/${id}/cancel`),
    usage: (who: Member, id: string) => ok<Usage>(who, 'GET', `/api/subscriptions/${id}/usage`),
    invoice: (who: Member, month = '') =>
      ok<Invoice>(who, 'GET', `/api/account/invoice${month && `?month=${month}`}`),
  };
}
