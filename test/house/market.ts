import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Algorithm, ModelPackage, Product, Session, Submission, Upload } from '@souk/contract';
import { compose, type Souk } from '../../server/src/compose.ts';
import { readConfig } from '../../server/src/platform/config.ts';
import { type Db, sql } from '../../server/src/platform/db.ts';
import { insertProduct } from '../../server/test/catalog.ts';
import { testDatabase } from '../../server/test/database.ts';
import { irisDocument } from '../iris-document.ts';
import { bankDetails, contact, taxInterview } from '../payee.ts';
import { insertImages } from './market-images.ts';

/** How somebody shows who they are: headers of a request. */
export type Credentials = Readonly<Record<string, string>>;

export interface Market {
  readonly souk: Souk;
  readonly accountId: string;
  readonly otherAccountId: string;
  readonly visitor: Credentials;
  /** Admin of the account that owns everything below, by key and by cookie. */
  readonly owner: Credentials;
  readonly ownerCookie: Credentials;
  /** A key of the same account that may only call products. */
  readonly callKey: Credentials;
  /** A key of the same account that is limited to one of its products, with every ability. */
  readonly limitedKey: Credentials;
  /** Reads in the same account, and no more. Has no right to keys, so signs in. */
  readonly viewer: Credentials;
  /** Admin of another account. */
  readonly other: Credentials;
  readonly operator: Credentials;
  readonly ids: Readonly<
    Record<
      | 'viewerPersonId'
      | 'sparePersonId'
      | 'keyId'
      | 'invitationId'
      | 'uploadId'
      | 'emptyUploadId'
      | 'modelName'
      | 'spareModelName'
      | 'algorithmName'
      | 'spareAlgorithmName'
      | 'productId'
      | 'spareProductId'
      | 'liveProductId'
      | 'submissionId'
      | 'endedSubmissionId'
      | 'subscriptionId'
      | 'spareSubscriptionId'
      | 'deploymentId'
      | 'mailId'
      | 'logoSha256'
      | 'reviewId'
      | 'ownReviewId'
      | 'questionId'
      | 'requestId'
      | 'ownRequestId'
      | 'budgetId'
      | 'spareBudgetId'
      | 'disputeId'
      | 'endpointName'
      | 'spareEndpointName'
      | 'webServiceId'
      | 'spareWebServiceId',
      string
    >
  >;
}

export const password = 'a sentence for a password';

/** A marketplace with something of everything, as `compose` builds it; its jobs do not run, so that nothing moves. */
export async function inhabitedMarket(): Promise<Market> {
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'souk-house-'));
  const config = readConfig({
    SOUK_DATA: dataDir,
    SOUK_CHECK_ANSWERS: '1',
    SOUK_LOG: 'fatal',
    SOUK_URL: origin,
  });
  const souk = await compose(config, database.url);
  after(async () => {
    await souk.app.close();
    await souk.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const { db } = database;
  const { app } = souk;

  async function send<T>(who: Credentials, method: 'POST' | 'PUT' | 'PATCH', url: string, payload: object) {
    const answer = await app.inject({ method, url, headers: { ...who }, payload });
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`);
    return {
      body: (answer.body ? answer.json() : undefined) as T,
      cookie: cookieOf(answer.headers['set-cookie']),
    };
  }
  let people = 0;
  async function person(name: string) {
    const from = { 'x-forwarded-for': `198.51.100.${++people}` };
    const email = `${name}@example.test`;
    const { body, cookie } = await send<Session>(from, 'POST', '/api/sign-up', { email, password, name });
    return { ...identity(body), session: ownPage(cookie) };
  }
  const key = async (session: Credentials, scopes: string[]) => {
    const { body } = await send<{ key: string; details: { id: string } }>(
      session,
      'POST',
      '/api/account/keys',
      { name: scopes.join(), scopes },
    );
    return { id: body.details.id, headers: { authorization: `Bearer ${body.key}` } };
  };

  await souk.createOperator(
    { email: 'operator@example.test', password, name: 'O', accountName: 'Market' },
    true,
  );
  const signedIn = await send<Session>({}, 'POST', '/api/sign-in', {
    email: 'operator@example.test',
    password,
  });
  const operator = await key(ownPage(signedIn.cookie), ['manage']);
  const [owner, other, viewer, spare] = [
    await person('owner'),
    await person('other'),
    await person('viewer'),
    await person('spare'),
  ];
  const { accountId } = owner;
  for (const { personId } of [viewer, spare])
    await sql`insert into members (account_id, person_id, roles) values (${accountId}, ${personId}, '{viewer}')`.execute(
      db,
    );
  await send(viewer.session, 'POST', '/api/session/account', { accountId });
  const ownerKey = await key(owner.session, ['manage', 'call']);
  const [callKey, spareKey, otherKey] = [
    await key(owner.session, ['call']),
    await key(owner.session, ['call']),
    await key(other.session, ['manage', 'call']),
  ];
  const me = ownerKey.headers;

  const upload = async (purpose: 'model' | 'media', file: string) => {
    const bytes = readFileSync(new URL(`../../examples/iris-classifier/${file}`, import.meta.url));
    const { body } = await send<Upload>(me, 'POST', '/api/uploads', {
      fileName: file,
      purpose,
      sizeBytes: bytes.length,
    });
    const sent = await app.inject({
      method: 'PATCH',
      url: `/api/uploads/${body.id}?offset=0`,
      headers: { ...me, 'content-type': 'application/octet-stream' },
      payload: bytes,
    });
    return sent.json<Upload>();
  };
  const model = await upload('model', 'model.onnx');
  const logo = await upload('media', 'logo.png');
  const empty = await send<Upload>(me, 'POST', '/api/uploads', {
    fileName: 'model.onnx',
    purpose: 'model',
    sizeBytes: 3,
  });
  await send(me, 'PUT', '/api/publisher', { slug: 'flowers', displayName: 'Flowers', ...contact });
  await send(me, 'PUT', '/api/publisher/tax', taxInterview());
  await send(me, 'PUT', '/api/publisher/bank', bankDetails());
  const { body: standing } = await send<{ verification: { version: number } }>(
    me,
    'POST',
    '/api/publisher/verification',
    { message: '' },
  );
  await send(operator.headers, 'POST', `/api/operator/publishers/${accountId}/verification`, {
    decision: 'approve',
    comment: 'Known.',
    version: standing.verification.version,
  });
  const register = (name: string) =>
    send<ModelPackage>(me, 'POST', '/api/model-packages', newModel(name, model.id));
  const [registered, spareModel] = [await register('iris-1'), await register('iris-2')];
  await sql`update model_packages set status = 'Completed'`.execute(db);
  const [algorithm, spareAlgorithm] = [
    await send<Algorithm>(me, 'POST', '/api/algorithms', newAlgorithm('trainer-1', model.id)),
    await send<Algorithm>(me, 'POST', '/api/algorithms', newAlgorithm('trainer-2', model.id)),
  ];
  await sql`update algorithms set status = 'Completed'`.execute(db);
  await insertImages(db, accountId);
  const product = async (slug: string) => {
    const document = irisDocument(registered.body.arn, logo.sha256 ?? '');
    return (await send<Product>(me, 'POST', '/api/products', { type: 'model-package', slug, document })).body
      .id;
  };
  const [productId, endedId, spareProductId] = [
    await product('roses'),
    await product('tulips'),
    await product('weeds'),
  ];
  const limited = await send<{ key: string }>(me, 'POST', '/api/account/keys', {
    name: 'limited',
    products: ['roses'],
    abilities: ['view', 'edit', 'register', 'submit', 'release', 'reports'],
  });
  const submit = async (id: string) =>
    (await send<Submission>(me, 'POST', `/api/products/${id}/submissions`, {})).body.id;
  const [submissionId, endedSubmissionId] = [await submit(productId), await submit(endedId)];
  await send(me, 'POST', `/api/submissions/${endedSubmissionId}/cancel`, undefined as unknown as object);
  const given = { accountId, publisher: 'flowers', title: 'Iris' };
  const live = await insertProduct(db, { ...given, slug: 'iris' });
  await insertProduct(db, { ...given, slug: 'orchid' });
  await insertProduct(db, { ...given, slug: 'hidden', slot: 'preview' });
  const subscription = async (slug: string) =>
    (await send<{ id: string }>(me, 'POST', '/api/subscriptions', await subscribing(app, me, slug))).body.id;
  const [subscriptionId, spareSubscriptionId] = [await subscription('iris'), await subscription('orchid')];
  const invitation = await send<{ id: string }>(me, 'POST', '/api/account/invitations', {
    email: 'new@example.test',
    roles: ['buyer'],
  });
  const disputeId = 'dsp_00000000000000000000';
  await sql`insert into disputes (id, account_id, of, submission_id, code, thing_sha256, place, text, opened_by, opened_at)
    values (${disputeId}, ${accountId}, 'finding', ${endedSubmissionId}, 'secret.token', 'x', 'README.md', 'An example.', 'owner@example.test', now())`.execute(
    souk.platform.db,
  );
  await sql`insert into mails (id, recipient, subject, body, state) values ('mai_0000000000000000', 'a@example.test', 'Hello', 'Text', 'outbox')`.execute(
    db,
  );
  const [reviewId, ownReviewId, questionId] = [
    `rvw_${'1'.repeat(20)}`,
    `rvw_${'2'.repeat(20)}`,
    `qst_${'1'.repeat(20)}`,
  ];
  for (const [id, by] of [
    [reviewId, spare.accountId],
    [ownReviewId, accountId],
  ])
    await sql`insert into product_reviews (id, product_id, account_id, rating, title, body, version, show_name, written_by, created_at)
      values (${id}, ${live.productId}, ${by}, 4, 'Good', 'It works.', '1.0.0', true, 'spare@example.test', now())`.execute(
      db,
    );
  await sql`insert into questions (id, product_id, account_id, person_id, asked_by, title, state, may_publish, created_at, updated_at)
    values (${questionId}, ${live.productId}, ${spare.accountId}, ${spare.personId}, 'spare@example.test', 'Rows?', 'open', true, now(), now())`.execute(
    db,
  );
  await sql`insert into question_messages (question_id, number, side, written_by, body, at)
    values (${questionId}, 1, 'asker', 'spare@example.test', 'How many at once?', now()), (${questionId}, 2, 'publisher', 'owner@example.test', 'Five hundred.', now())`.execute(
    db,
  );
  const [requestId, ownRequestId, budgetId, spareBudgetId] = ['arq_1', 'arq_2', 'bud_1', 'bud_2'].map((id) =>
    id.padEnd(24, '0'),
  );
  for (const [id, by] of [
    [requestId, viewer.personId],
    [ownRequestId, owner.personId],
  ])
    await sql`insert into access_requests (id, account_id, person_id, requested_by, product_id, plan_id, reason, created_at)
      values (${id}, ${accountId}, ${by}, 'someone@example.test', ${live.productId}, 'free', 'To try it.', now())`.execute(
      db,
    );
  for (const [id, currency] of [
    [budgetId, 'USD'],
    [spareBudgetId, 'EUR'],
  ])
    await sql`insert into budgets (id, account_id, scope, subject, amount, currency, warn_at, hard_stop, created_by, created_at)
      values (${id}, ${accountId}, 'account', '', 100, ${currency}, '{80}', false, 'owner@example.test', now())`.execute(
      db,
    );
  const [endpointName, spareEndpointName] = ['roses-now', 'roses-spare'];
  for (const [n, name] of [endpointName, spareEndpointName].entries()) {
    const id = `ept_${String(n).padStart(20, '0')}`;
    await sql`insert into endpoints (id, account_id, name, state, coming, coming_settings, settings, target, created_by)
      select ${id}, ${accountId}, ${name}, 'Creating', 1, x, x, 1, 'owner@example.test' from (select ${JSON.stringify(endpointSettings)}::jsonb x) s`.execute(
      db,
    );
    await sql`insert into endpoint_variants (endpoint_id, number, subscription_id, product_id, version, name, model_name, servable, instance_type, created_by)
      select ${id}, 1, ${subscriptionId}, ${live.productId}, '1.0.0', 'flowers/iris 1.0.0', 'iris', '{"kind":"onnx"}', name, 'owner@example.test' from instance_types limit 1`.execute(
      db,
    );
  }
  const { webServiceId, spareWebServiceId } = await webServices(db, accountId, 'ept_00000000000000000000');
  const { rows } = await sql<{
    id: string;
  }>`select id from deployments where product_id = ${live.productId}`.execute(db);

  return {
    souk,
    accountId,
    otherAccountId: other.accountId,
    visitor: {},
    owner: me,
    ownerCookie: owner.session,
    callKey: callKey.headers,
    limitedKey: { authorization: `Bearer ${limited.body.key}` },
    viewer: viewer.session,
    other: otherKey.headers,
    operator: operator.headers,
    ids: {
      viewerPersonId: viewer.personId,
      sparePersonId: spare.personId,
      keyId: spareKey.id,
      invitationId: invitation.body.id,
      uploadId: model.id,
      emptyUploadId: empty.body.id,
      modelName: registered.body.name,
      spareModelName: spareModel.body.name,
      algorithmName: algorithm.body.name,
      spareAlgorithmName: spareAlgorithm.body.name,
      productId,
      spareProductId,
      liveProductId: live.productId,
      submissionId,
      endedSubmissionId,
      disputeId,
      subscriptionId,
      spareSubscriptionId,
      deploymentId: rows[0]?.id ?? '',
      mailId: 'mai_0000000000000000',
      logoSha256: logo.sha256 ?? '',
      reviewId,
      ownReviewId,
      questionId,
      requestId: requestId ?? '',
      ownRequestId: ownRequestId ?? '',
      budgetId: budgetId ?? '',
      endpointName,
      spareEndpointName,
      webServiceId,
      spareWebServiceId,
      spareBudgetId: spareBudgetId ?? '',
    },
  };
}

/** Two of them, with an endpoint more than the default one. */
async function webServices(db: Db, accountId: string, servedBy: string) {
  const [webServiceId, spareWebServiceId] = ['a'.repeat(32), 'b'.repeat(32)];
  for (const id of [webServiceId, spareWebServiceId]) {
    await sql`insert into web_services (id, account_id, workspace, name, served_by, runs, schema, wire, created_by)
      values (${id}, ${accountId}, ${'0'.repeat(32)}, 'Roses', ${servedBy}, 'flowers/iris 1.0.0', ${JSON.stringify(webServiceSchema)}::jsonb, '{"format":"csv","inputKey":null}', 'owner@example.test')`.execute(
      db,
    );
    for (const [n, name] of ['default', 'second', 'third'].entries())
      await sql`insert into web_service_endpoints (id, service_id, name, is_default, max_concurrent_calls, primary_sha256, primary_hint, secondary_sha256, secondary_hint, created_by)
        values (${id.slice(1) + n}, ${id}, ${name}, ${n === 0}, 20, ${`p${n}${id}`}, 'souk_…', ${`s${n}${id}`}, 'souk_…', 'owner@example.test')`.execute(
        db,
      );
  }
  return { webServiceId, spareWebServiceId };
}

const webServiceSchema = {
  input: { name: 'input1', columns: [{ name: 'length', type: 'Double' }] },
  output: { name: 'output1', columns: [{ name: 'label', type: 'String' }] },
  parameters: [],
  sampleRows: [['1.5']],
  sampleAnswer: [],
  rowsMax: 1000,
};

const endpointSettings = {
  instancesMin: 1,
  instancesMax: 1,
  concurrency: 8,
  idleMinutes: null,
  scaleInSeconds: 120,
  startSeconds: 60,
  payloadBytesMax: 1_000_000,
  timeoutSeconds: 60,
};

export const origin = 'http://souk.test';
const ownPage = (cookie: string): Credentials => ({ cookie, origin });

const cookieOf = (set: string | string[] | undefined) =>
  [set ?? []]
    .flat()
    .map((c) => c.split(';')[0])
    .join('; ');

function identity({ account, person }: Session) {
  if (!account || !person) throw new Error('a sign-up without an account');
  return { accountId: account.id, personId: person.id };
}

export const newModel = (name: string, uploadId: string) => ({
  name,
  uploadId,
  validationSpecification: {
    validationProfiles: [
      {
        profileName: 'sample',
        input: { contentType: 'text/csv', body: '1,2,3,4\n' },
        expected: { contentType: 'text/csv' },
      },
    ],
  },
});

export const newAlgorithm = (name: string, uploadId: string) => ({
  name,
  uploadId,
  trainingSpecification: {
    trainingChannels: [
      { name: 'train', supportedContentTypes: ['text/csv'], supportedInputModes: ['File' as const] },
    ],
  },
  validationSpecification: {
    validationProfiles: [
      {
        profileName: 'sample',
        training: { channels: [{ channelName: 'train', files: [{ name: 'a.csv', text: '1,2' }] }] },
        input: { contentType: 'text/csv', body: '1,2,3,4\n' },
        expected: { contentType: 'text/csv' },
      },
    ],
  },
});

async function subscribing(app: Souk['app'], who: Credentials, product: string) {
  const page = await app.inject({ url: `/api/catalog/products/flowers/${product}`, headers: { ...who } });
  const { eula } = page.json<{ eula: { sha256: string } }>();
  return { publisher: 'flowers', product, planId: 'free', eulaSha256: eula.sha256, acceptEula: true };
}
