import { createHash } from 'node:crypto';
import { type Plan, type Running, type Snippet, type Subscription, serviceVersion } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { monthOf } from '../metering/index.ts';
import { chosenVersion } from './subscriptions.rules.ts';
import { serviceSnippets } from './subscriptions.service-snippets.ts';
import { snippetsFor } from './subscriptions.snippets.ts';
import * as store from './subscriptions.sql.ts';
import type { Offer, SubscriptionRow } from './subscriptions.ts';

export interface SubscriptionNeeds {
  /** What the caller may see of a product; undefined: nothing, or there is no such product. */
  offer(
    caller: Caller,
    publisher: string,
    product: string,
    slot: 'preview' | 'live' | undefined,
  ): Promise<Offer | undefined>;
  ownsProduct(accountId: string, productId: string): Promise<boolean>;
  /** The plan that is meant, with the use of the promotion code that it needs. */
  choosePlan(
    caller: Caller,
    offer: Offer,
    name: string,
    planId: string,
    code: string | undefined,
  ): Promise<{ plan: Plan; take(tx: Tx): Promise<void> }>;
  /** Writes the first terms: since when, how months are counted, whether it is a trial. */
  beginTerms(
    tx: Tx,
    s: {
      subscriptionId: string;
      accountId: string;
      productId: string;
      revisionId: string;
      plan: Plan;
      by: string;
    },
  ): Promise<void>;
  /** What runs under a subscription. */
  running(accountId: string, subscriptionId: string): Promise<Running>;
  /** Refuses what the account's own rules or budgets do not allow, in the transaction that makes the subscription. */
  admit(
    tx: Tx,
    caller: Member,
    wanted: { productId: string; name: string; categories: readonly string[]; plan: Plan },
  ): Promise<void>;
}

export interface SubscribeInput {
  readonly publisher: string;
  readonly product: string;
  readonly planId: string;
  readonly code?: string;
  readonly slot?: 'preview' | 'live';
  readonly version?: string;
  readonly followLatest?: boolean;
  readonly eulaSha256: string;
  readonly acceptEula: boolean;
}

export type Subscriptions = ReturnType<typeof newSubscriptions>;

export const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');

export function newSubscriptions(platform: Platform, needs: SubscriptionNeeds) {
  const { db, events, config, clock } = platform;
  const own = async (accountId: string, id: string): Promise<SubscriptionRow> =>
    (await store.find(db, accountId, id)) ?? fail('subscription.missing', { subscriptionId: id });

  async function subscribe(caller: Member, given: SubscribeInput, requestId: string): Promise<Subscription> {
    const name = `${given.publisher}/${given.product}`;
    const offer =
      (await needs.offer(caller, given.publisher, given.product, given.slot)) ??
      fail('catalog.missing', { product: name });
    const { document } = offer;
    const { plan, take } = await needs.choosePlan(caller, offer, name, given.planId, given.code);
    if (!given.acceptEula) fail('subscription.eula_not_accepted');
    if (given.eulaSha256 !== sha256Of(document.terms?.eula ?? '')) fail('subscription.eula_changed');
    const version =
      chosenVersion(given.version, offer) ??
      fail('subscription.version_missing', {
        product: name,
        version: given.version ?? 'latest',
        versions: offer.choosable.join(', '),
      });
    const followsLatest = given.followLatest ?? false;
    if (followsLatest && (given.version ?? 'latest') !== 'latest')
      fail('subscription.follow_needs_latest', { version });
    const id = newId('sub');
    try {
      await inTx(db, async (tx) => {
        const categories = document.listing?.categories ?? [];
        await needs.admit(tx, caller, { productId: offer.productId, name, categories, plan });
        await store.insert(tx, {
          id,
          accountId: caller.accountId,
          productId: offer.productId,
          revisionId: offer.revisionId,
          plan,
          slot: offer.slot,
          version,
          followsLatest,
          eulaSha256: given.eulaSha256,
          by: caller.email,
          requestId,
        });
        await take(tx);
        await needs.beginTerms(tx, {
          subscriptionId: id,
          accountId: caller.accountId,
          productId: offer.productId,
          revisionId: offer.revisionId,
          plan,
          by: caller.email,
        });
        await events.publish(tx, {
          type: 'subscription.started',
          subject: id,
          accountId: caller.accountId,
          data: { productId: offer.productId, planId: plan.id },
        });
        await audit(
          tx,
          caller,
          'subscription.started',
          id,
          { product: name, planId: plan.id, version, eulaSha256: given.eulaSha256 },
          { requestId },
        );
      });
    } catch (error) {
      if (violated(error) === 'subscriptions_on_sale') fail('removal.not_sold', { product: name });
      if (violated(error) !== 'subscriptions_one_active') throw error;
      const existing = await store.ofProduct(db, caller.accountId, offer.productId);
      fail('subscription.exists', { product: name, subscriptionId: existing?.id ?? '' });
    }
    return view(await own(caller.accountId, id));
  }

  async function chooseVersion(
    caller: Member,
    id: string,
    wanted: string,
    followsLatest = false,
  ): Promise<Subscription> {
    const s = await own(caller.accountId, id);
    if (s.state === 'ended') fail('subscription.ended', { endedAt: s.endedAt?.toISOString() ?? '' });
    const choosable = s.versions.map((v) => v.number);
    const version =
      chosenVersion(wanted, { choosable, latest: s.latest }) ??
      fail('subscription.version_missing', {
        product: `${s.publisher}/${s.product}`,
        version: wanted,
        versions: choosable.join(', '),
      });
    if (followsLatest && wanted !== 'latest') fail('subscription.follow_needs_latest', { version });
    await inTx(db, async (tx) => {
      if (!(await store.move(tx, s, 'version-chosen', caller.email, { from: s.version, to: version })))
        fail('subscription.ended', { endedAt: '' });
      await store.setVersion(tx, id, version, followsLatest);
      await audit(tx, caller, 'subscription.version-chosen', id, {
        from: s.version,
        to: version,
        followsLatest,
      });
    });
    return view(await own(caller.accountId, id));
  }

  /** What runs is not stopped unasked, and nothing goes on unseen: it is named first, and stops once the subscription has ended. */
  async function cancel(caller: Member, id: string, stopRunning: boolean): Promise<Subscription> {
    const s = await own(caller.accountId, id);
    const running = s.state === 'ended' ? [] : (await needs.running(caller.accountId, id)).items;
    if (running.length > 0 && !stopRunning)
      fail('subscription.running', {
        what: running.map((r) => `the ${r.kind.replace('-', ' ')} ${r.name}`).join(', '),
      });
    await inTx(db, async (tx) => {
      if (!(await store.move(tx, s, 'cancelled', caller.email)))
        fail('subscription.ended', { endedAt: s.endedAt?.toISOString() ?? '' });
      await store.setEnded(tx, id, clock.now());
      await events.publish(tx, {
        type: 'subscription.ended',
        subject: id,
        accountId: caller.accountId,
        data: { productId: s.productId },
      });
      await audit(tx, caller, 'subscription.cancelled', id, {
        product: `${s.publisher}/${s.product}`,
        ...(running.length > 0 ? { stopped: running.map((r) => `${r.kind} ${r.id}`) } : {}),
      });
    });
    return view(await own(caller.accountId, id));
  }

  async function snippets(caller: Member, id: string): Promise<Snippet[]> {
    const s = await own(caller.accountId, id);
    if (s.document.service) return serviceSnippets(config.publicUrl, s);
    // An algorithm answers no calls, and code that could only fail helps nobody.
    if ((s.document.versions ?? []).some((v) => v.number === s.version && v.algorithmArn)) return [];
    const sample = sampleOf(s);
    const answer =
      (s.document.versions ?? []).find((v) => v.number === s.version)?.output?.samples?.contentType ??
      sample?.contentType ??
      'application/json';
    return snippetsFor({
      url: `${config.publicUrl}/call/${s.publisher}/${s.product}/invocations`,
      contentType: sample?.contentType ?? 'application/json',
      accept: answer,
      body: sample?.body ?? '',
    });
  }

  return {
    subscribe,
    chooseVersion,
    cancel,
    snippets,
    get: async (caller: Member, id: string): Promise<Subscription> => view(await own(caller.accountId, id)),
    list: async (
      caller: Member,
      state: SubscriptionRow['state'] | undefined,
      before: string | null,
      limit: number,
    ) => {
      const found = await store.list(db, caller.accountId, state ?? null, before, limit);
      return {
        items: found.map(view),
        nextCursor: found.length === limit ? (found.at(-1)?.id ?? null) : null,
      };
    },
    customers: async (caller: Member, productId: string, before: string | null, limit: number) => {
      if (!(await needs.ownsProduct(caller.accountId, productId)))
        fail('product.missing', { product: productId });
      const found = await store.customers(db, productId, monthOf(clock.now()).start, before, limit);
      const items = found.map((s) => ({
        subscriptionId: s.id,
        accountId: s.accountId,
        accountName: s.accountName,
        planId: s.planId,
        version: s.version,
        state: s.state,
        since: s.acceptedAt.toISOString(),
        unitsThisMonth: s.unitsThisMonth,
        instanceSecondsThisMonth: s.instanceSecondsThisMonth,
      }));
      return { items, nextCursor: found.length === limit ? (found.at(-1)?.id ?? null) : null };
    },
    activeFor: async (accountId: string, productId: string): Promise<string | null> =>
      (await store.ofProduct(db, accountId, productId))?.id ?? null,
    plan: async (accountId: string, id: string): Promise<Plan | undefined> =>
      (await store.find(db, accountId, id))?.plan,
    /** All that an account ever subscribed to: usage outlives a subscription. */
    billed: async (accountId: string) =>
      (await store.list(db, accountId, null, null, 10_000)).map((s) => ({
        id: s.id,
        productId: s.productId,
        // As it was agreed to: a product that is renamed changes no invoice.
        title: s.acceptedTitle ?? s.product,
        plan: s.plan,
        revision: s.revision,
        acceptedAt: s.acceptedAt,
        endedAt: s.endedAt,
      })),
  };
}

const titleOf = (s: SubscriptionRow) => s.document.listing?.title ?? s.product;

function sampleOf(s: SubscriptionRow): { contentType: string; body: string } | null {
  const samples = (s.document.versions ?? []).find((v) => v.number === s.version)?.input?.samples;
  return samples?.realtime
    ? { contentType: samples.contentType ?? 'application/json', body: samples.realtime }
    : null;
}

function view(s: SubscriptionRow): Subscription {
  const logo = s.document.promotion?.logo;
  return {
    id: s.id,
    accountId: s.accountId,
    productId: s.productId,
    publisher: s.publisher,
    product: s.product,
    title: titleOf(s),
    logoUrl: logo ? `/media/${logo.sha256}` : null,
    state: s.state,
    plan: s.plan,
    revision: s.revision,
    version: s.version,
    followsLatest: s.followsLatest,
    latest: s.latest,
    standing: s.standing,
    productSunset: s.productSunset,
    limited: s.limited,
    eulaSha256: s.eulaSha256,
    acceptedBy: s.acceptedBy,
    versions: s.versions,
    acceptedAt: s.acceptedAt.toISOString(),
    endedAt: s.endedAt?.toISOString() ?? null,
    suspended: s.suspended,
    ended: s.ended,
    leaving: s.leaving && {
      ...s.leaving,
      endsAt: s.leaving.endsAt && new Date(s.leaving.endsAt).toISOString(),
    },
    callPath: s.document.service
      ? `/data/${s.publisher}/${s.product}/${serviceVersion}`
      : `/call/${s.publisher}/${s.product}`,
    sample: sampleOf(s),
  };
}
