import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Dispute, finding, type QueueItem, type Submission } from '@souk/contract';
import { until } from '../../../test/accounts.ts';
import { testServer } from '../../../test/platform.ts';
import { testPublishing } from '../../../test/publishing.ts';
import type { Member } from '../../platform/authorize.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { runJobs } from '../../platform/jobs.ts';
import { newNotificationsService } from '../notifications/index.ts';
import type { Stage, StageOutcome } from '../publishing/stages/stage.ts';
import { newReview, packageThing, reviewJobs, reviewRoutes, reviewSubscribers } from './index.ts';

let end = async () => {};
after(() => end());
const market = await testPublishing();
const { db, pool, publishing, publisher, product, runner, platform } = market;
const time = { at: new Date('2026-11-21T08:00:00Z') };
const review = newReview({ ...platform, clock: { now: () => time.at } }, market.reviewNeeds);
const { notify } = newNotificationsService(platform);
for (const s of reviewSubscribers(platform, notify, market.reviewNeeds)) platform.events.subscribe(s);
const jobs = await runJobs(pool, {
  definitions: platform.events.jobs(db),
  log: platform.log,
  processName: 'test',
});
end = () => jobs.stop();
const { send } = testServer(platform, reviewRoutes(review));
const [sweep] = reviewJobs({ ...platform, clock: { now: () => time.at } }, notify);

const reviewer = await market.member(['operator-reviewer'], true);
/** A second person of the same operator. */
async function colleague(roles: readonly string[] = ['operator-reviewer']): Promise<Member> {
  const one = await market.member(['operator-reviewer']);
  await sql`update members set account_id = ${reviewer.accountId}, roles = ${[...roles]}::text[] where person_id = ${one.personId}`.execute(
    db,
  );
  return { ...one, accountId: reviewer.accountId, roles: roles as Member['roles'] };
}

const bad = (given: Partial<ReturnType<typeof finding>> = {}) =>
  finding({
    rule: 'secrets',
    code: 'secret.token',
    severity: 'error',
    message: 'A token.',
    remedy: 'Remove it.',
    file: 'README.md',
    pointer: '/versions/0/modelPackageArn',
    line: 3,
    ...given,
  });
const passing: Stage = { reads: async () => 1, run: async () => ({ kind: 'passed', summary: 'Good.' }) };
const refusing = (findings: StageOutcome['findings']): Stage => ({
  ...passing,
  run: async () => ({
    kind: 'refused',
    summary: 'No.',
    findings: findings ?? [],
    evidence: [{ name: 'Rules', value: '1' }],
  }),
});

async function refused(findings = [bad()]): Promise<{ caller: Member; s: Submission }> {
  const caller = await publisher();
  const p = await product(caller);
  const s = await publishing.submit(caller, p.id, {});
  await runner({ prerequisites: passing, certification: refusing(findings) }).drive(s.id);
  return { caller, s: await publishing.view(s.id) };
}
const dispute = async (caller: Member, payload: object) =>
  send(caller, { method: 'POST', url: '/api/disputes', payload });
const named = (f = bad()) => ({ code: f.code, file: f.file, pointer: f.pointer, line: f.line });
async function disputed(findings = [bad()]): Promise<{ caller: Member; s: Submission; d: Dispute }> {
  const { caller, s } = await refused(findings);
  const answer = await dispute(caller, {
    submissionId: s.id,
    finding: named(findings[0]),
    text: 'An example.',
  });
  assert.equal(answer.statusCode, 201, answer.body);
  return { caller, s, d: answer.json() };
}
const answerOf = (who: Member, d: Dispute, answer: string, text = 'I read it.') =>
  send(who, { method: 'POST', url: `/api/operator/disputes/${d.id}/answer`, payload: { answer, text } });
const codeOf = (answer: { json(): { error?: { code: string } } }) => answer.json().error?.code;
const queue = async (who: Member, query = ''): Promise<QueueItem[]> =>
  (await send(who, { method: 'GET', url: `/api/operator/queue${query}` })).json().items;
const itemOf = async (d: Dispute) => {
  const found = (await queue(reviewer)).find((i) => i.disputeId === d.id);
  assert.ok(found);
  return found;
};
const told = (who: Member, title: RegExp) =>
  until(
    () =>
      rows<{ title: string; mails: number }>(
        db,
        sql`select n.title, (select count(*)::int from mails m where m.recipient = ${who.email} and m.subject = n.title) as mails
          from notifications n where n.person_id = ${who.personId} order by n.id desc`,
      ),
    (list) => list.some((n) => title.test(n.title) && n.mails > 0),
  );

test('a disputed finding goes to the operator with evidence and a clock, and its answer comes back in writing', async () => {
  const { caller, d } = await disputed();
  assert.deepEqual(
    [d.state, d.of, d.stage, d.code, d.grantable, d.evidence[0]?.name],
    ['open', 'finding', 'certification', 'secret.token', true, 'Rules'],
  );
  assert.equal(d.dueAt, '2026-11-23T08:00:00.000Z');
  await told(reviewer, /^Disputed: .*secret\.token/);
  const item = await itemOf(d);
  assert.deepEqual([item.kind, item.overdue, item.link], ['dispute', false, `/operate/disputes/${d.id}`]);
  const granted = await answerOf(reviewer, d, 'granted', 'The vendor prints it in its manual.');
  assert.equal(granted.statusCode, 200, granted.body);
  const after: Dispute = granted.json();
  assert.deepEqual(
    [after.state, after.answer, after.answeredBy, after.dueAt],
    ['granted', 'The vendor prints it in its manual.', reviewer.email, null],
  );
  assert.match(after.exceptionId ?? '', /^exc_/);
  assert.ok(!(await queue(reviewer)).some((i) => i.disputeId === d.id));
  await told(caller, /^Your dispute of secret\.token: granted/);
  assert.equal(codeOf(await answerOf(reviewer, d, 'declined')), 'dispute.answered');
});

test('a granted appeal lets the same thing of the same publisher pass, and is revocable', async () => {
  const { caller, s, d } = await disputed();
  const arn = s.id && (await market.reviewNeeds.submission(s.id))?.document.versions?.[0]?.modelPackageArn;
  const sha256 = await market.reviewNeeds.packageOf(caller.accountId, arn ?? '');
  const lift = async (accountId: string) =>
    (await review.lift(accountId, [bad()], (f) => packageThing(sha256 ?? '', f.file))).findings[0]?.severity;
  assert.equal(await lift(caller.accountId), 'error');
  const { exceptionId } = (await answerOf(reviewer, d, 'granted')).json<Dispute>();
  assert.equal(await lift(caller.accountId), 'info');
  assert.equal(await lift((await publisher()).accountId), 'error');
  const own = await send(caller, { method: 'GET', url: '/api/exceptions' });
  assert.deepEqual(
    own.json().items.map((e: { id: string; code: string }) => [e.id, e.code]),
    [[exceptionId, 'secret.token']],
  );
  const revoke = () =>
    send(reviewer, {
      method: 'POST',
      url: `/api/operator/exceptions/${exceptionId}/revoke`,
      payload: { reason: 'It is live after all.' },
    });
  assert.equal((await revoke()).json().revokedReason, 'It is live after all.');
  assert.equal(await lift(caller.accountId), 'error');
  assert.equal(codeOf(await revoke()), 'exception.revoked');
  const audited = await rows<{ action: string }>(
    db,
    sql`select action from audit_entries where target in (${d.id}, ${exceptionId}) order by id`,
  );
  assert.deepEqual(
    audited.map((a) => a.action),
    ['dispute.opened', 'dispute.granted', 'exception.revoked'],
  );
});

test('no exception is made of what protects others; a check that was wrong is mended and looks again', async () => {
  const malware = bad({ rule: 'malware', code: 'malware.found', line: null });
  const { s, caller, d } = await disputed([malware]);
  assert.equal(d.grantable, false);
  assert.equal(codeOf(await answerOf(reviewer, d, 'granted')), 'dispute.not_grantable');
  const corrected = await answerOf(reviewer, d, 'corrected', 'A false alarm; the scanner knows it now.');
  assert.equal(corrected.json().state, 'corrected', corrected.body);
  const arn = (await market.reviewNeeds.submission(s.id))?.document.versions?.[0]?.modelPackageArn ?? '';
  assert.deepEqual(market.retired.slice(-1), [await market.reviewNeeds.packageOf(caller.accountId, arn)]);
});

test('only a finding that stops something can be disputed, once, and only by its own publisher', async () => {
  const { caller, s, d } = await disputed([bad(), bad({ severity: 'warning', file: 'x' })]);
  const open = (who: Member, f: object, submissionId = s.id) => dispute(who, { submissionId, finding: f });
  const again = await open(caller, named());
  assert.deepEqual([codeOf(again), again.json().error.params.disputeId], ['dispute.exists', d.id]);
  for (const other of [
    { ...named(), file: 'x' },
    { ...named(), code: 'secret.souk_key' },
    { code: 'secret.token' },
  ])
    assert.equal(codeOf(await open(caller, other)), 'dispute.finding_missing', JSON.stringify(other));
  assert.equal(codeOf(await open(await publisher(), named())), 'submission.missing');
  const withdrawn = await send(caller, { method: 'POST', url: `/api/disputes/${d.id}/withdraw` });
  assert.equal(withdrawn.json().state, 'withdrawn');
  assert.equal((await open(caller, named())).statusCode, 201);
});

test('a finding of a registered package is disputed before there is any submission', async () => {
  const caller = await publisher();
  const { arn, sha256 } = await market.modelPackage(caller);
  const name = arn.split('/')[1] ?? '';
  await sql`update model_packages set status = 'Failed', findings = ${JSON.stringify([bad({ pointer: null })])}::jsonb where arn = ${arn}`.execute(
    db,
  );
  const payload = { modelPackage: name, finding: { ...named(), pointer: null } };
  const answer = await dispute(caller, payload);
  assert.equal(answer.statusCode, 201, answer.body);
  const d: Dispute = answer.json();
  assert.deepEqual([d.modelPackage, d.submissionId], [name, null]);
  await answerOf(reviewer, d, 'granted');
  const lifted = await review.lift(caller.accountId, [bad()], (f) => packageThing(sha256, f.file));
  assert.equal(lifted.findings[0]?.severity, 'info');
  assert.equal(codeOf(await dispute(caller, { ...payload, modelPackage: 'none' })), 'model.missing');
});

test('a finding of a registered algorithm is disputed, granted for its archive, and listed with it', async () => {
  const caller = await publisher();
  const sha256 = 'e'.repeat(64);
  const needs = {
    ...market.reviewNeeds,
    algorithm: async (accountId: string, name: string) =>
      accountId === caller.accountId && name === 'trainer-1'
        ? { name, archiveSha256: sha256, findings: [bad({ pointer: null })] }
        : undefined,
  };
  const own = newReview(platform, needs);
  const { send: ask } = testServer(platform, reviewRoutes(own));
  const payload = { algorithm: 'trainer-1', finding: { ...named(), pointer: null } };
  const post = (body: object) => ask(caller, { method: 'POST', url: '/api/disputes', payload: body });
  const answer = await post(payload);
  assert.equal(answer.statusCode, 201, answer.body);
  const d: Dispute = answer.json();
  assert.deepEqual([d.algorithm, d.modelPackage, d.submissionId], ['trainer-1', null, null]);
  const listed = await ask(caller, { method: 'GET', url: '/api/disputes?algorithm=trainer-1' });
  assert.deepEqual(
    listed.json().items.map((i: Dispute) => i.id),
    [d.id],
  );
  await answerOf(reviewer, d, 'granted');
  const lifted = await own.lift(caller.accountId, [bad()], (f) => packageThing(sha256, f.file));
  assert.equal(lifted.findings[0]?.severity, 'info');
  assert.equal(codeOf(await post({ ...payload, algorithm: 'none' })), 'algorithm.missing');
});

test('a reviewer’s decision is answered by another person, and a granted appeal lets the same document pass', async () => {
  const before = market.policy.current;
  market.policy.current = { ...before, review: { ...before.review, 'model-package': 'one' } };
  try {
    const caller = await publisher();
    const p = await product(caller);
    const all = {
      prerequisites: passing,
      certification: passing,
      'trial-run': passing,
      packaging: passing,
      release: passing,
    };
    const s = await publishing.submit(caller, p.id, {});
    await runner(all).drive(s.id);
    assert.equal(codeOf(await dispute(caller, { submissionId: s.id })), 'dispute.not_refused');
    await publishing.signOff(caller, s.id, 1);
    await publishing.review(reviewer, s.id, 'reject', 'Too bold.');
    const d: Dispute = (await dispute(caller, { submissionId: s.id, text: 'It is not.' })).json();
    assert.deepEqual([d.of, d.code], ['decision', 'review.rejected']);
    assert.equal(codeOf(await answerOf(reviewer, d, 'granted')), 'dispute.own_decision');
    const item = await itemOf(d);
    const taken = await send(reviewer, { method: 'POST', url: `/api/operator/queue/${item.id}/take` });
    assert.equal(codeOf(taken), 'dispute.own_decision');
    const other = await colleague();
    assert.equal((await answerOf(other, d, 'granted', 'It is fine.')).statusCode, 200);

    const again = await publishing.submit(caller, p.id, {});
    await runner(all).drive(again.id);
    await publishing.signOff(caller, again.id, 2);
    const passed = await publishing.view(again.id);
    assert.deepEqual([passed.state, passed.stage], ['running', 'release']);
    const stage = passed.stages.find((x) => x.stage === 'review');
    assert.match(stage?.summary ?? '', /on appeal/);
    assert.deepEqual(stage?.evidence, [{ name: 'Appeal', value: d.id }]);
    await runner(all).drive(again.id);

    // Another document is another thing: somebody reads it.
    await market.edit(caller, p, (x) => ({ ...x, listing: { ...x.listing, visibility: 'private' } }));
    const next = await publishing.submit(caller, p.id, {});
    await runner(all).drive(next.id);
    const waits = await publishing.signOff(caller, next.id, 3);
    assert.deepEqual([waits.state, waits.stage], ['waiting', 'review']);
  } finally {
    market.policy.current = before;
  }
});

test('who belongs to the publisher’s account answers none of its disputes, whatever hat they wear', async () => {
  const { caller, d } = await disputed();
  const both = await colleague();
  await sql`insert into members (account_id, person_id, roles) values (${caller.accountId}, ${both.personId}, '{viewer}')`.execute(
    db,
  );
  assert.equal(codeOf(await answerOf(both, d, 'declined')), 'dispute.own_account');
  assert.equal((await answerOf(caller, d, 'granted')).statusCode, 403);
  assert.equal((await answerOf(reviewer, d, 'declined')).json().state, 'declined');
});

test('of two who answer at once one answer counts', async () => {
  const { d } = await disputed();
  const other = await colleague();
  const answers = await Promise.all([answerOf(reviewer, d, 'granted'), answerOf(other, d, 'declined')]);
  assert.deepEqual(answers.map((a) => a.statusCode).toSorted(), [200, 409]);
  const kept = await row<{ n: number }>(
    db,
    sql`select count(*)::int as n from rule_exceptions where dispute_id = ${d.id}`,
  );
  const won = answers.find((a) => a.statusCode === 200)?.json<Dispute>();
  assert.equal(kept?.n, won?.state === 'granted' ? 1 : 0);
});

test('an item is taken by one person, seen by all, and given back by them or an admin', async () => {
  const { d } = await disputed();
  const [other, admin] = [await colleague(), await colleague(['operator-admin'])];
  const { id } = await itemOf(d);
  const act = (who: Member, verb: 'take' | 'release') =>
    send(who, { method: 'POST', url: `/api/operator/queue/${id}/${verb}` });
  assert.equal((await act(reviewer, 'take')).json().assignee.email, reviewer.email);
  assert.equal((await act(reviewer, 'take')).statusCode, 200);
  const taken = await act(other, 'take');
  assert.deepEqual([codeOf(taken), taken.json().error.params.by], ['queue.taken', reviewer.email]);
  assert.equal(codeOf(await act(other, 'release')), 'queue.not_yours');
  assert.ok((await queue(reviewer, '?assignee=me')).some((i) => i.id === id));
  assert.ok(!(await queue(other, '?assignee=me')).some((i) => i.id === id));
  assert.ok(!(await queue(other, '?assignee=nobody')).some((i) => i.id === id));
  assert.equal((await act(admin, 'release')).json().assignee, null);
  await answerOf(reviewer, d, 'declined');
  assert.equal(codeOf(await act(other, 'take')), 'queue.missing');
});

test('what is overdue leads the queue, can be filtered, and is told once', async () => {
  const { d } = await disputed();
  const before = time.at;
  time.at = new Date(before.getTime() + 30 * 3_600_000);
  const { d: later } = await disputed();
  assert.ok(!(await queue(reviewer, '?overdue=true')).some((i) => i.disputeId === d.id));
  time.at = new Date(before.getTime() + 49 * 3_600_000);
  const list = await queue(reviewer);
  const places = [d, later].map((x) => list.findIndex((i) => i.disputeId === x.id));
  assert.ok((places[0] ?? 0) < (places[1] ?? 0), `${places}`);
  const overdue = await queue(reviewer, '?overdue=true');
  assert.ok(overdue.some((i) => i.disputeId === d.id && i.overdue));
  assert.ok(!overdue.some((i) => i.disputeId === later.id));
  const job = { attempt: 1, attemptsMax: 1, signal: new AbortController().signal };
  await sweep?.run({}, job);
  await told(reviewer, /^Overdue: /);
  const mails = async () =>
    (await row<{ n: number }>(db, sql`select count(*)::int as n from mails where subject like 'Overdue: %'`))
      ?.n;
  const once = await mails();
  await sweep?.run({}, job);
  assert.equal(await mails(), once);
  time.at = before;
});

test('reviewer and publisher write to each other, and strangers read nothing', async () => {
  const { caller, s } = await refused();
  const url = `/api/submissions/${s.id}/comments`;
  const say = (who: Member, text: string) => send(who, { method: 'POST', url, payload: { text } });
  assert.equal((await say(reviewer, 'Why is there a token?')).json().side, 'operator');
  await told(caller, /wrote about/);
  assert.equal((await say(caller, 'It is an example.')).json().side, 'publisher');
  await told(reviewer, /wrote about/);
  const { items } = (await send(caller, { method: 'GET', url })).json();
  assert.deepEqual(
    items.map((c: { text: string }) => c.text),
    ['Why is there a token?', 'It is an example.'],
  );
  const stranger = await publisher();
  assert.equal(codeOf(await send(stranger, { method: 'GET', url })), 'submission.missing');
  assert.equal(codeOf(await say(stranger, 'Hello')), 'submission.missing');
  assert.equal(codeOf(await say({ ...caller, roles: ['viewer'] }, 'Hello')), 'request.forbidden');
});
