import {
  type BodyOf,
  errorDefinition,
  feedbackLimits,
  type feedbackOperations,
  type MyReview,
  type ProductReview,
  type QueryOf,
} from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { pageFrom } from '../../platform/paging.ts';
import { audit } from '../audit/index.ts';
import type { FeedbackContext, FeedbackPlatform } from './feedback.context.ts';
import * as store from './feedback.reviews.sql.ts';
import { obstacle, reviewView, sentence, summaryOf } from './feedback.rules.ts';
import type { AboutProduct } from './feedback.ts';

type Address = { publisher: string; product: string };
const nobody = { insider: false, used: 0, version: null };

export function newReviews({ db, events }: FeedbackPlatform, context: FeedbackContext) {
  /** Refusal and form say the same words. */
  const because = (code: 'feedback.own_product' | 'feedback.usage_needed', name: string, used: number) => ({
    code,
    params: { product: name, units: feedbackLimits.reviewUnitsMin, used },
  });

  async function list(
    caller: Caller,
    { publisher, product }: Address,
    { sort = 'newest', rating, cursor, limit = 20 }: QueryOf<typeof feedbackOperations.listReviews>,
  ) {
    const { productId } = await context.product(caller, publisher, product);
    const [rated, found] = await Promise.all([
      store.ratedOf(db, productId),
      store.listReviews(db, productId, { sort, rating, hidden: false, after: readCursor(cursor) }, limit + 1),
    ]);
    return {
      summary: summaryOf(rated),
      ...pageFrom(found, limit, (r) => reviewView(r, caller.accountId), writeCursor),
    };
  }

  async function mine(caller: Member, { publisher, product }: Address): Promise<MyReview> {
    const about = await context.product(caller, publisher, product);
    const [standing = nobody, own] = await Promise.all([
      store.standingOf(db, caller.accountId, about.productId),
      store.reviewOf(db, caller.accountId, about.productId),
    ]);
    const code = obstacle(standing);
    const why = code && because(code, `${publisher}/${product}`, standing.used);
    return {
      review: own ? reviewView(own, caller.accountId) : null,
      showName: own?.showName ?? true,
      mayReview: !why && !own?.hiddenAt,
      why: why ? sentence(errorDefinition(why.code).message, why.params) : null,
    };
  }

  async function put(
    caller: Member,
    { publisher, product, ...given }: BodyOf<typeof feedbackOperations.putReview>,
  ): Promise<ProductReview> {
    const name = `${publisher}/${product}`;
    const about = await context.product(caller, publisher, product);
    const standing = (await store.standingOf(db, caller.accountId, about.productId)) ?? nobody;
    const code = obstacle(standing);
    if (code === 'feedback.own_product') fail('feedback.own_product', { product: name });
    if (code)
      fail('feedback.usage_needed', {
        product: name,
        units: feedbackLimits.reviewUnitsMin,
        used: standing.used,
      });
    const version = versionUsed(about, given.version, standing.version, name);
    context.takeWrite(caller);
    const id = await inTx(db, async (tx) => {
      const saved = await store.upsertReview(tx, {
        id: newId('rvw'),
        productId: about.productId,
        accountId: caller.accountId,
        rating: given.rating,
        title: given.title,
        text: given.text,
        version,
        showName: given.showName ?? true,
        by: caller.email,
        at: context.now(),
      });
      if (!saved) {
        const hidden = await store.reviewOf(tx, caller.accountId, about.productId);
        return fail('feedback.hidden', { reason: hidden?.hiddenReason ?? '' });
      }
      await store.recount(tx, about.productId);
      await rated(tx, about.productId);
      if (saved.written)
        await events.publish(tx, {
          type: 'review.written',
          subject: saved.id,
          accountId: about.accountId,
          data: { productId: about.productId, title: about.title, rating: given.rating, text: given.title },
        });
      const action = saved.written ? 'review.written' : 'review.edited';
      await audit(tx, caller, action, saved.id, { product: name, rating: given.rating, version });
      return saved.id;
    });
    return reviewView((await store.findReview(db, id)) ?? fail('feedback.review_missing'), caller.accountId);
  }

  async function remove(caller: Member, id: string): Promise<void> {
    const review = await store.findReview(db, id);
    if (review?.accountId !== caller.accountId) return fail('feedback.review_missing');
    await inTx(db, async (tx) => {
      // What was hidden stays, with its reason: taking it back and writing anew would be a way round the operator.
      if (!(await store.removeReview(tx, id, caller.accountId)))
        fail('feedback.hidden', { reason: review.hiddenReason ?? '' });
      await store.recount(tx, review.productId);
      await rated(tx, review.productId);
      await audit(tx, caller, 'review.removed', id, { product: `${review.publisher}/${review.product}` });
    });
  }

  async function reply(caller: Member, id: string, text: string): Promise<ProductReview> {
    const review = await store.findReview(db, id);
    if (review?.publisherAccountId !== caller.accountId) return fail('feedback.review_missing');
    context.takeWrite(caller);
    await inTx(db, async (tx) => {
      if (!(await store.setReply(tx, id, text, caller.email, context.now())))
        fail('feedback.hidden', { reason: review.hiddenReason ?? '' });
      if (review.reply === null)
        await events.publish(tx, {
          type: 'review.replied',
          subject: id,
          accountId: review.accountId,
          data: { title: review.productTitle, link: `/products/${review.publisher}/${review.product}` },
        });
      await audit(tx, caller, review.reply === null ? 'review.replied' : 'review.reply-edited', id, {});
    });
    return reviewView((await store.findReview(db, id)) ?? fail('feedback.review_missing'), caller.accountId);
  }

  async function ofOwnProduct(
    caller: Member,
    productId: string,
    { cursor, limit = 50 }: QueryOf<typeof feedbackOperations.listProductReviews>,
  ) {
    if (!(await context.ownsProduct(caller.accountId, productId)))
      fail('product.missing', { product: productId });
    const filter = { sort: 'newest', hidden: true, after: readCursor(cursor) } as const;
    const found = await store.listReviews(db, productId, filter, limit + 1);
    return pageFrom(found, limit, (r) => reviewView(r, caller.accountId), writeCursor);
  }

  const rated = (tx: Parameters<typeof events.publish>[0], productId: string) =>
    events.publish(tx, { type: 'product.rated', subject: productId });

  return { list, mine, put, remove, reply, ofOwnProduct };
}

/** What the account says that it used: a version that it can have, else the one that its subscription calls. */
function versionUsed(
  about: AboutProduct,
  wanted: string | undefined,
  called: string | null,
  product: string,
): string {
  if (wanted === undefined) return called ?? about.latest;
  if (wanted === called || about.choosable.includes(wanted)) return wanted;
  return fail('feedback.version_unknown', {
    product,
    version: wanted,
    versions: about.choosable.join(', '),
  });
}

const writeCursor = (r: { key: number; id: string }) => `${r.key}.${r.id}`;
function readCursor(cursor: string | undefined): readonly [number, string] | null {
  if (cursor === undefined) return null;
  const [, key = '', id = ''] = /^(-?\d)\.(rvw_[0-9a-z]+)$/.exec(cursor) ?? [];
  if (!id) return fail('request.invalid', { problem: 'the cursor is not one of this list' });
  return [Number(key), id];
}
