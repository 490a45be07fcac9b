import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, test } from 'node:test';
import type { ProductDocument, StageName, Submission } from '@souk/contract';
import { irisFile } from '../../../../../test/iris-document.ts';
import { iris, tarOf } from '../../../../test/models.ts';
import { testPublishing } from '../../../../test/publishing.ts';
import { composeAlgorithms } from '../../../compose-algorithms.ts';
import { composeModels } from '../../../compose-models.ts';
import { composeResources } from '../../../compose-resources.ts';
import { composeServices } from '../../../compose-services.ts';
import { stageNeeds } from '../../../compose-stages.ts';
import type { Member } from '../../../platform/authorize.ts';
import { folders } from '../../../platform/config.ts';
import { row, sql } from '../../../platform/db.ts';
import { newOperator } from '../../operator/index.ts';
import { packageThing } from '../../review/index.ts';
import { newStages } from './index.ts';

// The real stages on the real model, as in stages.db.test.ts, with appeals and with what was released before.
const market = await testPublishing();
const { db, platform, publishing, products, review } = market;
for (const folder of [folders(platform.config.dataDir).sockets, folders(platform.config.dataDir).work])
  await mkdir(folder, { recursive: true });
const policies = { ...market.policy.current, scannerMissing: 'record' as 'record' | 'hold' };
const models = await composeModels(
  platform,
  market.uploads,
  async () => undefined,
  async () => policies,
  async (accountId, sha256, findings) =>
    (await review.lift(accountId, findings, (f) => packageThing(sha256, f.file))).findings,
);
after(() => models.close());
const signatures = { current: 'signatures 1' };
const { drive } = market.runner(
  newStages({
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
      operator: newOperator(platform, models.scannerVersion),
      products,
      uploads: market.uploads,
      review,
      documentContext: models.service.documentContext,
      insideImage: async () => undefined,
      hasPublisherProfile: async (id) => (await market.publishers.find(db, id)) !== undefined,
      goesLive: async () => {},
    }),
    rulesInForce: async () => signatures.current,
  }),
);
const reviewer = await market.member(['operator-reviewer'], true);
const { sha256: logo, sizeBytes } = await platform.blobs.put(irisFile('logo.png'));

async function newProduct(change: (d: ProductDocument) => ProductDocument = (d) => d) {
  const caller = await market.publisher();
  await sql`insert into blob_owners (sha256, account_id, kind, file_name, content_type, size_bytes)
    values (${logo}, ${caller.accountId}, 'media', 'logo.png', 'image/png', ${sizeBytes})`.execute(db);
  const product = await market.product(caller, (d) =>
    change({ ...d, promotion: { ...d.promotion, logo: { sha256: logo, contentType: 'image/png' } } }),
  );
  return { caller, product };
}
const submit = async (caller: Member, { id }: { id: string }, signOff = false) =>
  drive((await publishing.submit(caller, id, signOff ? { signOff } : {})).id);
const of = (s: Submission, name: StageName) => {
  const found = s.stages.find((x) => x.stage === name);
  assert.ok(found);
  return found;
};
const withPackage = (arn: string) => (d: ProductDocument) => ({
  ...d,
  versions: (d.versions ?? []).map((v) => ({ ...v, modelPackageArn: arn })),
});
const described = (shortDescription: string) => (d: ProductDocument) => ({
  ...d,
  listing: { ...d.listing, shortDescription },
});
const retitle = (title: string) => (d: ProductDocument) => ({ ...d, listing: { ...d.listing, title } });
const reprice = (pricePerUnit: string) => (d: ProductDocument) => ({
  ...d,
  plans: (d.plans ?? []).map((p) =>
    p.parts ? { ...p, parts: p.parts.map((part) => ({ ...part, pricePerUnit })) } : p,
  ),
});

test('a granted appeal lets exactly that file pass, is signed with what it let pass, and stops again once revoked', async () => {
  const { caller, product } = await newProduct();
  const readme = `A token looks like this: ghp_${'a1B2'.repeat(9)}\n`;
  const { arn } = await market.modelPackage(
    caller,
    await tarOf({ 'model.onnx': iris.model, 'README.md': readme }),
  );
  await market.edit(caller, product, withPackage(arn));
  const refused = await submit(caller, product);
  const finding = of(refused, 'certification').findings.find((f) => f.severity === 'error');
  assert.deepEqual([finding?.code, finding?.file], ['secret.token', 'README.md']);
  assert.ok(finding);

  const { code, file, pointer, line } = finding;
  const dispute = await review.disputes.open(caller, {
    submissionId: refused.id,
    finding: { code, file, pointer, line },
    text: 'An example.',
  });
  const { exceptionId } = await review.disputes.answer(reviewer, dispute.id, 'granted', 'It is one.');
  const passed = await submit(caller, product);
  assert.equal(passed.stage, 'sign-off', JSON.stringify(of(passed, 'certification')));
  const shown = of(passed, 'certification').findings.find((f) => f.code === 'secret.token');
  assert.equal(shown?.severity, 'info');
  const evidence = of(passed, 'certification').evidence.find((e) =>
    /Exception to secret\.token/.test(e.name),
  );
  assert.match(String(evidence?.value), new RegExp(`${exceptionId}, granted .* It is one\\.`));
  const kept = await row<{ statement: { payload: string } }>(
    db,
    sql`select statement from revisions where product_id = ${product.id} and number = ${passed.revision}`,
  );
  assert.match(Buffer.from(kept?.statement.payload ?? '', 'base64').toString(), new RegExp(`${exceptionId}`));

  await review.exceptions.revoke(reviewer, exceptionId ?? '', 'It is live after all.');
  const again = await submit(caller, product);
  assert.deepEqual([again.state, of(again, 'certification').state], ['refused', 'refused']);
});

test('a granted appeal lets a text pass, and not the next text in its place', async () => {
  const { caller, product } = await newProduct(described('Lorem ipsum is the name of the iris.'));
  const refused = await submit(caller, product);
  const finding = of(refused, 'certification').findings.find((f) => f.code === 'text.placeholder');
  assert.ok(finding);
  const { code, file, pointer, line } = finding;
  const opened = await review.disputes.open(caller, {
    submissionId: refused.id,
    finding: { code, file, pointer, line },
  });
  await review.disputes.answer(reviewer, opened.id, 'granted', 'It is its name.');
  assert.equal((await submit(caller, product)).stage, 'sign-off');
  await market.edit(caller, product, described('Lorem ipsum dolor.'));
  assert.equal((await submit(caller, product)).state, 'refused');
});

test('texts and prices of a live product go live in seconds and scan nothing again, whatever signatures came since', async () => {
  const { caller, product } = await newProduct();
  const first = await submit(caller, product);
  await publishing.signOff(caller, first.id, 1);
  assert.equal((await drive(first.id)).state, 'released');
  // As if a scanner had looked at it then; today there is none, and without one nothing new passes.
  const scanned = await models.service.resource(
    caller.accountId,
    (await products.slots(product.id))?.liveDocument?.versions?.[0]?.modelPackageArn ?? '',
  );
  await sql`update package_verdicts set key = key || 'then', verdict = jsonb_set(verdict, '{malware,state}', '"clean"')
    where archive_sha256 = ${scanned?.archiveSha256}`.execute(db);
  policies.scannerMissing = 'hold';
  signatures.current = 'signatures 2';

  await market.edit(caller, product, reprice('0.0007'));
  const began = performance.now();
  const price = await submit(caller, product, true);
  const priceMs = performance.now() - began;
  assert.equal(
    price.state,
    'released',
    JSON.stringify(price.stages.map((s) => [s.stage, s.state, s.summary])),
  );
  assert.deepEqual(
    [of(price, 'certification').state, of(price, 'trial-run').state],
    ['carried-over', 'carried-over'],
  );
  assert.match(of(price, 'certification').summary, /Carried over from revision 1/);

  await market.edit(caller, product, retitle('Iris, better told'));
  const again = performance.now();
  const text = await submit(caller, product, true);
  const textMs = performance.now() - again;
  assert.equal(text.state, 'released', JSON.stringify(text.stages.map((s) => [s.stage, s.state, s.summary])));
  assert.deepEqual(
    [of(text, 'certification').state, of(text, 'trial-run').state],
    ['passed', 'carried-over'],
  );
  assert.match(of(text, 'certification').summary, /Texts and logo were read.*carried over/);
  assert.ok(of(text, 'certification').evidence.some((e) => /Carried over from/.test(e.name)));
  console.log(`a price was live after ${Math.round(priceMs)} ms, a text after ${Math.round(textMs)} ms`);
  assert.ok(priceMs < 5000 && textMs < 5000, `${priceMs} ms, ${textMs} ms`);

  // What nobody runs yet is looked at with what is in force today.
  const { arn } = await market.modelPackage(caller);
  await market.edit(caller, product, (d) => ({
    ...d,
    versions: [...(d.versions ?? []), { ...d.versions?.[0], number: '1.1.0', modelPackageArn: arn }],
  }));
  const held = await submit(caller, product);
  policies.scannerMissing = 'record';
  assert.deepEqual([held.state, held.stage], ['held', 'certification']);
});
