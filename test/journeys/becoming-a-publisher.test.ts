import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations } from '@souk/contract';
import { contact } from '../payee.ts';
import { createProduct, mayBePaid, registerIris, settled, submit } from './publish.ts';
import { type Person, type RunningSouk, refusal, removeFolder, signUp, startSouk } from './souk.ts';

/** From a sign-up to a submission: a free product needs a profile, a paid plan also taxes, bank and the operator's word. */
let souk: RunningSouk;
let publisher: Person;
let productId: string;

before(async () => {
  souk = await startSouk();
  publisher = await signUp(souk.url, 'publisher');
  const { client } = publisher;
  await client.ok(operations.putPublisher, { body: { slug: 'flowers', displayName: 'Flowers', ...contact } });
  productId = (await createProduct(client, (await registerIris(client, 'iris-1')).arn)).id;
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

test('a paid plan without taxes, bank and verification is refused at the door, at the plan', async () => {
  const refused = await refusal(publisher.client, operations.submitProduct, {
    params: { productId },
    body: {},
  });
  assert.deepEqual(
    [refused.code, refused.findings],
    [
      'submission.incomplete',
      [
        'publisher.tax_missing /plans/1',
        'publisher.bank_missing /plans/1',
        'publisher.not_verified /plans/1',
      ],
    ],
  );
});

test('the same product with free plans alone passes to the preview', async () => {
  const { client } = publisher;
  const at = { params: { productId } };
  const draft = await client.ok(operations.getDraft, at);
  const plans = draft.document.plans?.filter((p) => !p.parts?.length) ?? [];
  await client.ok(operations.putDraft, {
    ...at,
    body: { version: draft.version, document: { ...draft.document, plans } },
  });
  const preview = await settled(client, await submit(client, productId));
  assert.deepEqual([preview.state, preview.stage], ['waiting', 'sign-off']);
});

test('with all three the paid plan passes too', async () => {
  const { client } = publisher;
  await mayBePaid(client);
  const { verified } = await client.ok(operations.getPublisher);
  assert.equal(verified, true);
  const product = await createProduct(
    client,
    (await client.ok(operations.getModelPackage, { params: { name: 'iris-1' } })).arn,
    'iris-paid',
  );
  const preview = await settled(client, await submit(client, product.id));
  assert.deepEqual([preview.state, preview.stage], ['waiting', 'sign-off']);
});
