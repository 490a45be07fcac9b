import {
  type BodyOf,
  feedbackLimits,
  type feedbackOperations,
  type QueryOf,
  type Question,
} from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { pageFrom } from '../../platform/paging.ts';
import { audit } from '../audit/index.ts';
import type { FeedbackContext, FeedbackPlatform } from './feedback.context.ts';
import * as store from './feedback.questions.sql.ts';
import { questionView, sideOf } from './feedback.rules.ts';
import { type QuestionRow, transitions } from './feedback.ts';

export function newQuestions({ db, events }: FeedbackPlatform, context: FeedbackContext) {
  /** For its two sides only. */
  async function between(accountId: string, id: string): Promise<QuestionRow> {
    const question = await store.findQuestion(db, id);
    if (!question || sideOf(question, accountId) === 'reader') return fail('feedback.question_missing');
    return question;
  }

  async function ask(
    caller: Member,
    { publisher, product, title, text, mayPublish = false }: BodyOf<typeof feedbackOperations.askQuestion>,
  ): Promise<Question> {
    const name = `${publisher}/${product}`;
    const about = await context.product(caller, publisher, product);
    if (about.accountId === caller.accountId) fail('feedback.own_question', { product: name });
    context.takeWrite(caller);
    const [id, at] = [newId('qst'), context.now()];
    await inTx(db, async (tx) => {
      await store.insertQuestion(tx, {
        id,
        productId: about.productId,
        accountId: caller.accountId,
        personId: caller.personId,
        by: caller.email,
        title,
        mayPublish,
        at,
      });
      await store.insertMessage(tx, { questionId: id, side: 'asker', by: caller.email, text, at });
      await tell(tx, 'question.asked', id, about.accountId, {
        title,
        product: about.title,
        by: caller.email,
        text,
      });
      await audit(tx, caller, 'question.asked', id, { product: name });
    });
    return questionView(await between(caller.accountId, id), caller.accountId);
  }

  async function addMessage(caller: Member, id: string, text: string): Promise<Question> {
    const q = await between(caller.accountId, id);
    if (q.hiddenAt) fail('feedback.hidden', { reason: q.hiddenReason ?? '' });
    const side = sideOf(q, caller.accountId) === 'publisher' ? 'publisher' : 'asker';
    const event = side === 'publisher' ? 'answered' : 'asked-on';
    const to = transitions[q.state][event];
    if (!to) return fail('feedback.question_closed', { closedAt: q.closedAt?.toISOString() ?? '' });
    if (q.messages.length >= feedbackLimits.messagesPerQuestion)
      fail('feedback.question_full', { max: feedbackLimits.messagesPerQuestion });
    context.takeWrite(caller);
    const at = context.now();
    await inTx(db, async (tx) => {
      // Held while it is written: whoever writes meanwhile comes after, and only a closed question refuses the text.
      const now = await store.lockQuestion(tx, id);
      const next = now && transitions[now.state][event];
      if (!now || !next) return fail('feedback.question_closed', { closedAt: at.toISOString() });
      await store.moveQuestion(tx, id, now.state, next, at);
      await store.insertMessage(tx, { questionId: id, side, by: caller.email, text, at });
      const more = { title: q.title, product: q.productTitle, by: caller.email, text };
      if (side === 'publisher')
        await tell(tx, 'question.answered', id, q.accountId, {
          ...more,
          by: q.publisherName,
          personId: q.personId,
        });
      else await tell(tx, 'question.asked', id, q.publisherAccountId, more);
      await audit(tx, caller, side === 'publisher' ? 'question.answered' : 'question.asked-on', id, {});
    });
    return questionView(await between(caller.accountId, id), caller.accountId);
  }

  async function close(caller: Member, id: string): Promise<Question> {
    const q = await between(caller.accountId, id);
    const to = transitions[q.state].closed;
    await inTx(db, async (tx) => {
      if (!to || !(await store.moveQuestion(tx, id, q.state, to, context.now())))
        fail('feedback.question_closed', { closedAt: q.closedAt?.toISOString() ?? '' });
      await audit(tx, caller, 'question.closed', id, {});
    });
    return questionView(await between(caller.accountId, id), caller.accountId);
  }

  async function publish(caller: Member, id: string, shown: boolean): Promise<Question> {
    const q = await between(caller.accountId, id);
    if (sideOf(q, caller.accountId) !== 'publisher') return fail('feedback.question_missing');
    if (shown && !q.mayPublish) fail('feedback.not_agreed');
    if (shown && !q.messages.some((m) => m.side === 'publisher')) fail('feedback.not_answered');
    await inTx(db, async (tx) => {
      if (!(await store.setPublic(tx, id, shown))) fail('feedback.hidden', { reason: q.hiddenReason ?? '' });
      await audit(tx, caller, shown ? 'question.published' : 'question.unpublished', id, {});
    });
    return questionView(await between(caller.accountId, id), caller.accountId);
  }

  const tell = (
    tx: Parameters<typeof events.publish>[0],
    type: string,
    subject: string,
    accountId: string,
    data: Record<string, unknown>,
  ) => events.publish(tx, { type, subject, accountId, data });

  return {
    ask,
    addMessage,
    close,
    publish,
    get: async (caller: Member, id: string) =>
      questionView(await between(caller.accountId, id), caller.accountId),
    list: async (
      caller: Member,
      {
        box = 'asked',
        state,
        productId,
        cursor,
        limit = 50,
      }: QueryOf<typeof feedbackOperations.listQuestions>,
    ) =>
      pageFrom(
        await store.listQuestions(db, caller.accountId, { box, state, productId, before: cursor }, limit + 1),
        limit,
        (q) => questionView(q, caller.accountId),
        (q) => q.id,
      ),
    listPublic: async (
      caller: Caller,
      at: { publisher: string; product: string },
      { cursor, limit = 20 }: { cursor?: string; limit?: number },
    ) => {
      const { productId } = await context.product(caller, at.publisher, at.product);
      const found = await store.publicQuestions(db, productId, cursor, limit + 1);
      return pageFrom(
        found,
        limit,
        (q) => questionView(q, null),
        (q) => q.id,
      );
    },
  };
}
