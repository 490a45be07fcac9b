import assert from 'node:assert/strict';
import type { ErrorBody, Invoice, Role, Subscription, Usage } from '@souk/contract';
import { governanceNeeds } from '../src/compose-governance.ts';
import { composeInstances } from '../src/compose-instances.ts';
import { composeLeaving } from '../src/compose-leaving.ts';
import { meteringNeeds, subscriptionOffer } from '../src/compose-needs.ts';
import { composePlans } from '../src/compose-plans.ts';
import { audienceRoutes, newAudiences } from '../src/domains/audiences/index.ts';
import { billingRoutes, newBilling } from '../src/domains/billing/index.ts';
import { sha256Of } from '../src/domains/catalog/catalog.page.ts';
import { catalogRoutes, newCatalog } from '../src/domains/catalog/index.ts';
import { type GovernanceService, governanceRoutes, newGovernance } from '../src/domains/governance/index.ts';
import { meteringRoutes, newMetering } from '../src/domains/metering/index.ts';
import { newNotificationsService } from '../src/domains/notifications/index.ts';
import { defaultPolicies } from '../src/domains/operator/index.ts';
import { newPrices } from '../src/domains/prices/index.ts';
import { newProducts } from '../src/domains/products/index.ts';
import { newPublishing } from '../src/domains/publishing/index.ts';
import { newReview } from '../src/domains/review/index.ts';
import { stopUnusedDeployments } from '../src/domains/runtime/index.ts';
import {
  newSubscriptions,
  subscriptionRoutes,
  subscriptionSubscribers,
} from '../src/domains/subscriptions/index.ts';
import type { Member } from '../src/platform/authorize.ts';
import type { Clock } from '../src/platform/clock.ts';
import { rows, sql } from '../src/platform/db.ts';
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
  const policy = { current: defaultPolicies };
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
  const running = composeInstances(platform);
  const news = newNotificationsService(platform);
  const plans = composePlans(platform, {
    catalog,
    admit: (...wanted) => governance.policy.admit(...wanted),
    news,
  });
  const subscriptions = newSubscriptions(platform, {
    offer: subscriptionOffer(catalog),
    ownsProduct: products.owns,
    running: running.instances.ofSubscription,
    admit: (...wanted) => governance.policy.admit(...wanted),
    ...plans.ofSubscriptions,
  });
  const metering = newMetering(platform, meteringNeeds(subscriptions, products));
  const prices = newPrices(platform, { policies: async () => policy.current });
  const billing = newBilling(platform, metering, {
    subscriptions: subscriptions.billed,
    prices: prices.ofAccount,
    terms: plans.plans.ofAccount,
  });
  const publishing = newPublishing(platform, {
    ...products,
    review: newReview(platform, {
      policies: async () => policy.current,
      submission: never,
      modelPackage: never,
      algorithm: never,
      packageOf: never,
      isMember: never,
      forgetVerdicts: never,
    }),
    isMember: never,
    documentContext: never,
    stopUnused: stopUnusedDeployments,
  });
  const leaving = composeLeaving(platform, {
    operator: { policies: async () => policy.current },
    publishing,
    catalog,
    billing,
    prices,
    news,
  });
  const governance: GovernanceService = newGovernance(platform, governanceNeeds(catalog, billing));
  const { send } = testServer(platform, [
    ...leaving.routes,
    ...catalogRoutes(catalog),
    ...subscriptionRoutes(subscriptions),
    ...running.routes,
    ...plans.routes,
    ...meteringRoutes(metering),
    ...billingRoutes(billing),
    ...governanceRoutes(governance),
    ...audienceRoutes(newAudiences(platform)),
  ]);

  for (const subscriber of [
    catalog.subscriber,
    ...subscriptionSubscribers(platform, news.notify),
    ...leaving.subscribers,
    ...plans.subscribers,
    ...running.subscribers,
  ])
    platform.events.subscribe(subscriber);
  const jobs = [...leaving.jobs, ...plans.jobs, ...running.jobs, ...platform.events.jobs(db)];

  async function ok<T>(
    who: Member,
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
  ): Promise<T> {
    const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
    assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
    return (answer.body ? answer.json() : undefined) as T;
  }
  /** The error's code. */
  async function refused(
    who: Member,
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
  ) {
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
    subscriptions,
    metering,
    governance,
    meter: running.meter,
    instances: running.instances,
    workloads: running.workloads,
    plans: plans.plans,
    /** What the clock has brought, as the job of every minute does. */
    tick: () => plans.jobs[0]?.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal }),
    sweep: () =>
      running.jobs[0]?.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal }),
    send,
    leaving,
    policy,
    /** A member with the rows that belong to one, so that news reach them. */
    async person(roles: readonly Role[] = ['admin'], operator = false): Promise<Member> {
      const made = await testMember(db, roles);
      await sql`update accounts set operator = ${operator} where id = ${made.accountId}`.execute(db);
      await sql`insert into auth_users (id, name, email) values (${made.personId}, 'Somebody', ${made.email})`.execute(
        db,
      );
      await sql`insert into members (account_id, person_id, roles) values (${made.accountId}, ${made.personId}, ${[...roles]}::text[])`.execute(
        db,
      );
      return made;
    },
    /** Runs what was enqueued, as the worker does, until there is nothing left to do at once. */
    async work(): Promise<void> {
      for (;;) {
        const [job] = await rows<{ id: string; task: string; payload: Record<string, unknown> }>(
          db,
          sql`select j.id, t.identifier as task, j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
            where j.run_at <= now() order by j.id limit 1`,
        );
        if (!job) return;
        await jobs
          .find((d) => d.name === job.task)
          ?.run(job.payload, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal });
        await sql`delete from graphile_worker._private_jobs where id = ${job.id}`.execute(db);
      }
    },
    mailsTo: async (who: Member): Promise<string[]> =>
      (
        await rows<{ subject: string }>(
          db,
          sql`select subject from mails where recipient = ${who.email} order by id`,
        )
      ).map((m) => m.subject),
    ok,
    refused,
    agreement,
    setTime: (at: string) => {
      time.at = new Date(at);
    },
    member: (roles?: Parameters<typeof testMember>[1]) => testMember(db, roles),
    release: (product: GivenProduct) => insertProduct(db, product),
    subscribe: (who: Member, product: GivenProduct, more: object = {}) =>
      ok<Subscription>(who, 'POST', '/api/subscriptions', agreement(product, more)),
    cancel: (who: Member, id: string) => ok<Subscription>(who, 'POST', `/api/subscriptions/${id}/cancel`),
    usage: (who: Member, id: string) => ok<Usage>(who, 'GET', `/api/subscriptions/${id}/usage`),
    invoice: (who: Member, month = '') =>
      ok<Invoice>(who, 'GET', `/api/account/invoice${month && `?month=${month}`}`),
  };
}
