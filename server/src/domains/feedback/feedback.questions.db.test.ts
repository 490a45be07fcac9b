import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedbackLimits, type Question, questionStates } from '@souk/contract';
import { testFeedback } from '../../../test/feedback.ts';
import { visitor } from '../../platform/authorize.ts';
import { sql } from '../../platform/db.ts';
import { transitions } from './feedback.ts';

const market = await testFeedback();
const { ok, refused, db } = market;
const seller = await market.member();
const given = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
const { productId } = await market.release(given);
const about = { publisher: 'botany', product: 'iris' };
const words = { title: 'How many rows?', text: 'How many rows may one call have?' };
const ask = (who: typeof seller, more: object = {}) =>
  ok<Question>(who, 'POST', '/api/questions', { ...about, ...words, ...more });
const page = () =>
  ok<{ items: Question[] }>(visitor, 'GET', '/api/catalog/products/botany/iris/questions').then(
    (p) => p.items,
  );
const answer = (id: string, text = 'Five hundred.') =>
  ok<Question>(seller, 'POST', `/api/questions/${id}/messages`, { text });

test('a question goes to the publisher with the name of who asks; the answer comes back to that person', async () => {
  const buyer = await market.member();
  const { id, state, side } = await ask(buyer);
  assert.deepEqual([state, side], ['open', 'asker']);
  const inbox = await ok<{ items: Question[] }>(seller, 'GET', '/api/questions?box=received&state=open');
  const received = inbox.items.find((q) => q.id === id);
  assert.equal(received?.asker, `${buyer.email}, Account ${buyer.accountId}`);
  market.wait(1000);
  const answered = await answer(id);
  assert.deepEqual(
    [answered.state, answered.messages.map((m) => m.from)],
    ['answered', ['asker', 'publisher']],
  );
  const news = market.published.find((e) => e.type === 'question.answered' && e.subject === id);
  assert.equal(news?.data.personId, buyer.personId);
  const further = await ok<Question>(buyer, 'POST', `/api/questions/${id}/messages`, {
    text: 'And columns?',
  });
  assert.equal(further.state, 'open');
});

test('nobody but its two sides sees a question, writes to it, closes or shows it', async () => {
  const { id } = await ask(await market.member());
  const other = await market.member();
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['POST', '/messages', { text: 'x' }],
    ['POST', '/close', undefined],
    ['PUT', '/public', { public: true }],
  ] as const)
    assert.equal(
      await refused(other, method, `/api/questions/${id}${path}`, body),
      'feedback.question_missing',
    );
});

test('only the publisher shows a question, only one it answered, only with the asker’s consent, and without the name', async () => {
  const buyer = await market.member();
  const show = (who: typeof seller, id: string, shown = true) =>
    [who, 'PUT', `/api/questions/${id}/public`, { public: shown }] as const;
  const closed = await ask(buyer);
  await answer(closed.id);
  assert.equal(await refused(...show(seller, closed.id)), 'feedback.not_agreed');
  const { id } = await ask(buyer, { mayPublish: true });
  assert.equal(await refused(...show(buyer, id)), 'feedback.question_missing');
  assert.equal(await refused(...show(seller, id)), 'feedback.not_answered');
  await answer(id);
  assert.deepEqual(await page(), []);
  await ok(...show(seller, id));
  const [shown, ...more] = await page();
  assert.deepEqual([shown?.id, shown?.asker, shown?.side, more], [id, 'A buyer', 'reader', []]);
  assert.ok(!JSON.stringify(shown).includes(buyer.email));
  await ok(...show(seller, id, false));
  assert.deepEqual(await page(), []);
});

test('a closed question takes nothing more, from either side; each side may close it once', async () => {
  const buyer = await market.member();
  const { id } = await ask(buyer);
  const done = await ok<Question>(buyer, 'POST', `/api/questions/${id}/close`);
  assert.ok(done.closedAt);
  assert.equal(await refused(seller, 'POST', `/api/questions/${id}/close`), 'feedback.question_closed');
  for (const who of [buyer, seller])
    assert.equal(
      await refused(who, 'POST', `/api/questions/${id}/messages`, { text: 'x' }),
      'feedback.question_closed',
    );
});

test('each event moves each state as the table says; only closed is for ever', () => {
  const reached = new Set(['open']);
  for (const state of reached) for (const to of Object.values(transitions[state as 'open'])) reached.add(to);
  assert.deepEqual([...reached].toSorted(), [...questionStates].toSorted());
  assert.deepEqual(
    questionStates.filter((s) => Object.keys(transitions[s]).length === 0),
    ['closed'],
  );
});

test('both sides who write at the same time are both heard, each once', async () => {
  const buyer = await market.member();
  const { id } = await ask(buyer);
  await Promise.all([
    ok(buyer, 'POST', `/api/questions/${id}/messages`, { text: 'And columns?' }),
    answer(id),
    answer(id, 'And four columns.'),
  ]);
  const { messages } = await ok<Question>(buyer, 'GET', `/api/questions/${id}`);
  assert.equal(messages.length, 4);
});

test('a thread ends at its limit of messages', async () => {
  const buyer = await market.member();
  const { id } = await ask(buyer);
  await sql`insert into question_messages (question_id, number, side, written_by, body, at)
    select ${id}, n, 'asker', 'x', 'x', now() from generate_series(2, ${feedbackLimits.messagesPerQuestion - 1}) n`.execute(
    db,
  );
  await ok(buyer, 'POST', `/api/questions/${id}/messages`, { text: 'The last.' });
  assert.equal(
    await refused(buyer, 'POST', `/api/questions/${id}/messages`, { text: 'One more.' }),
    'feedback.question_full',
  );
});

test('the publisher does not ask itself, and what one may not see one cannot ask about', async () => {
  assert.equal(
    await refused(seller, 'POST', '/api/questions', { ...about, ...words }),
    'feedback.own_question',
  );
  await market.release({ ...given, slug: 'hidden', title: 'Hidden', visibility: 'private' });
  for (const product of ['hidden', 'absent'])
    assert.equal(
      await refused(await market.member(), 'POST', '/api/questions', { ...about, ...words, product }),
      'catalog.missing',
    );
});

test('a member who only looks on reads the account’s questions and writes none', async () => {
  const viewer = await market.member(['viewer']);
  assert.equal(await refused(viewer, 'POST', '/api/questions', { ...about, ...words }), 'request.forbidden');
  await ok(viewer, 'GET', '/api/questions');
  assert.equal(await refused(visitor, 'GET', '/api/questions'), 'request.unauthenticated');
});

test('a question that the operator hides leaves the product page and takes no more messages', async () => {
  const [buyer, operator] = [await market.member(), await market.member(['operator-admin'])];
  const { id } = await ask(buyer, { mayPublish: true });
  await answer(id);
  await ok(seller, 'PUT', `/api/questions/${id}/public`, { public: true });
  await ok(buyer, 'POST', '/api/feedback-reports', { itemId: id, reason: 'I named a colleague.' });
  await ok(operator, 'POST', `/api/operator/feedback/${id}`, { decision: 'hide', reason: 'Names a person.' });
  assert.deepEqual(
    (await page()).filter((q) => q.id === id),
    [],
  );
  assert.equal(
    await refused(buyer, 'POST', `/api/questions/${id}/messages`, { text: 'x' }),
    'feedback.hidden',
  );
  const seen = await ok<Question>(buyer, 'GET', `/api/questions/${id}`);
  assert.equal(seen.hidden?.reason, 'Names a person.');
});

test('the inbox filters by product and state, and its pages neither repeat nor hide', async () => {
  const buyer = await market.member();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push((await ask(buyer)).id);
  const first = await ok<{ items: Question[]; nextCursor: string }>(buyer, 'GET', '/api/questions?limit=3');
  const rest = await ok<{ items: Question[]; nextCursor: null }>(
    buyer,
    'GET',
    `/api/questions?limit=3&cursor=${first.nextCursor}`,
  );
  assert.deepEqual(
    [...first.items, ...rest.items].map((q) => q.id),
    ids.toReversed(),
  );
  assert.equal(rest.nextCursor, null);
  const none = await ok<{ items: Question[] }>(
    buyer,
    'GET',
    `/api/questions?state=answered&productId=${productId}`,
  );
  assert.deepEqual(none.items, []);
});
