import assert from 'node:assert/strict';
import type { ErrorBody } from '@souk/contract';
import { feedbackNeeds } from '../src/compose-needs.ts';
import { catalogRoutes, newCatalog } from '../src/domains/catalog/index.ts';
import { feedbackRoutes, newFeedback } from '../src/domains/feedback/index.ts';
import { newProducts } from '../src/domains/products/index.ts';
import type { Caller, Member } from '../src/platform/authorize.ts';
import type { Clock } from '../src/platform/clock.ts';
import { json, sql } from '../src/platform/db.ts';
import { newId } from '../src/platform/ids.ts';
import { freePlan, type GivenProduct, insertProduct } from './catalog.ts';
import { testDatabase } from './database.ts';
import { testMember, testPlatform, testServer } from './platform.ts';

/** Catalogue and feedback on one database, as compose puts them together; the clock can be moved. */
export async function testFeedback() {
  const database = await testDatabase();
  const { db } = database;
  const time = { at: new Date('2026-11-20T10:00:00Z') };
  const clock: Clock = { now: () => time.at };
  const platform = { ...testPlatform(database), clock };
  const never = () => Promise.reject(new Error('nobody asks here'));
  const catalog = newCatalog(platform, {
    verifyStatement: () => false,
    callDeployment: async () => null,
    policies: never,
  });
  const products = newProducts(platform, {
    documentContext: never,
    hasPublisherProfile: async () => true,
    listingFindings: never,
  });
  const published: { type: string; subject: string; data: Record<string, unknown> }[] = [];
  platform.events.subscribe({ ...catalog.subscriber });
  const events = {
    ...platform.events,
    publish: async (...[tx, event]: Parameters<typeof platform.events.publish>) => {
      published.push({ type: event.type, subject: event.subject, data: event.data ?? {} });
      await platform.events.publish(tx, event);
    },
  };
  const feedback = newFeedback({ ...platform, events }, feedbackNeeds(catalog, products));
  const { send } = testServer(platform, [...catalogRoutes(catalog), ...feedbackRoutes(feedback)]);
  type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

  return {
    ...database,
    platform,
    catalog,
    published,
    member: (roles?: Parameters<typeof testMember>[1]) => testMember(db, roles),
    release: (product: GivenProduct) => insertProduct(db, product),
    wait: (ms: number) => {
      time.at = new Date(time.at.getTime() + ms);
    },
    /** As a subscriber who has been answered so often. */
    async uses(who: Member, productId: string, units: number): Promise<void> {
      const id = newId('sub');
      await sql`insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, state, eula_sha256, accepted_by)
        select ${id}, ${who.accountId}, id, live_revision_id, ${json(freePlan)}, 'free', 'live', '1.0.0', 'active', 'x', ${who.email} from products where id = ${productId}`.execute(
        db,
      );
      await sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${id}, 'inference.count', date_trunc('hour', now()), ${units})`.execute(
        db,
      );
    },
    draw: (productId: string) =>
      catalog.subscriber.handle({
        id: 1,
        type: 'product.rated',
        subject: productId,
        accountId: null,
        data: {},
        at: new Date(),
      }),
    async ok<T>(who: Caller, method: Method, url: string, payload?: object): Promise<T> {
      const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
      assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
      return (answer.body ? answer.json() : undefined) as T;
    },
    /** The error's code. */
    async refused(who: Caller, method: Method, url: string, payload?: object): Promise<string> {
      const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
      assert.ok(answer.statusCode >= 400, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
      return answer.json<ErrorBody>().error.code;
    },
  };
}
