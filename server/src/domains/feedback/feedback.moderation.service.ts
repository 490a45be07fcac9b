import type { BodyOf, feedbackOperations, ModerationItem, QueryOf } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { pageFrom } from '../../platform/paging.ts';
import { audit } from '../audit/index.ts';
import type { FeedbackContext, FeedbackPlatform } from './feedback.context.ts';
import * as store from './feedback.moderation.sql.ts';
import { recount } from './feedback.reviews.sql.ts';
import { decisions } from './feedback.rules.ts';

export function newModeration({ db, events }: FeedbackPlatform, context: FeedbackContext) {
  async function report(
    caller: Member,
    { itemId, reason }: BodyOf<typeof feedbackOperations.reportFeedback>,
  ): Promise<void> {
    const item = await store.reportable(db, itemId, caller.accountId);
    if (!item || !(await context.sees(caller, item.publisher, item.product)))
      return fail('feedback.item_missing', { itemId });
    context.takeWrite(caller);
    await inTx(db, async (tx) => {
      const at = context.now();
      const first = await store.insertReport(tx, {
        itemId,
        personId: caller.personId,
        by: caller.email,
        reason,
        at,
      });
      if (!first) return;
      await events.publish(tx, {
        type: 'feedback.reported',
        subject: itemId,
        data: { reason, product: `${item.publisher}/${item.product}` },
      });
      await audit(tx, caller, 'feedback.reported', itemId, { reason });
    });
  }

  async function list({
    state = 'reported',
    cursor,
    limit = 50,
  }: QueryOf<typeof feedbackOperations.listModeration>) {
    const found = await store.listItems(db, state, readCursor(cursor), limit + 1);
    return pageFrom(found, limit, view, (i) =>
      Buffer.from(JSON.stringify([i.key, i.id])).toString('base64url'),
    );
  }

  async function decide(
    caller: Member,
    itemId: string,
    { decision, reason }: BodyOf<typeof feedbackOperations.moderate>,
  ): Promise<ModerationItem> {
    const item = (await store.findItem(db, itemId)) ?? fail('feedback.item_missing', { itemId });
    const at = context.now();
    const refuse = () => fail('feedback.not_in_state', { state: item.state, decision });
    if (!decisions[item.state][decision]) refuse();
    await inTx(db, async (tx) => {
      const moved =
        decision === 'hide'
          ? await store.hide(tx, itemId, reason, at)
          : decision === 'restore'
            ? await store.restore(tx, itemId)
            : await store.decideReports(tx, itemId, at);
      if (!moved) refuse();
      await store.decideReports(tx, itemId, at);
      if (item.kind === 'review' && decision !== 'keep') {
        await recount(tx, item.productId);
        await events.publish(tx, { type: 'product.rated', subject: item.productId });
      }
      if (decision !== 'keep')
        await events.publish(tx, {
          type: decision === 'hide' ? 'feedback.hidden' : 'feedback.restored',
          subject: itemId,
          accountId: item.accountId,
          data: {
            kind: item.kind,
            reason,
            title: item.productTitle,
            link:
              item.kind === 'review' ? `/products/${item.publisher}/${item.product}` : `/questions/${itemId}`,
          },
        });
      await audit(
        tx,
        caller,
        `feedback.${decision === 'keep' ? 'kept' : decision === 'hide' ? 'hidden' : 'restored'}`,
        itemId,
        { reason },
      );
    });
    return view((await store.findItem(db, itemId)) ?? item);
  }

  return { report, list, decide };
}

const view = (i: store.ItemRow): ModerationItem => ({
  id: i.id,
  kind: i.kind,
  publisher: i.publisher,
  product: i.product,
  title: i.title,
  text: i.text,
  author: i.author,
  reply: i.reply,
  state: i.state,
  hiddenReason: i.hiddenReason,
  reports: i.reports.map((r) => ({ ...r, at: new Date(r.at).toISOString() })),
  createdAt: i.createdAt.toISOString(),
});

function readCursor(cursor: string | undefined): { at: string; id: string } | null {
  if (cursor === undefined) return null;
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as [string, string];
    if (/^\d{4}-\d\d-\d\d [\d:.+-]+$/.test(at) && /^(rvw|qst)_\w+$/.test(id)) return { at, id };
  } catch {}
  return fail('request.invalid', { problem: 'the cursor is not one of this list' });
}
