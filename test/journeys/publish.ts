import {
  type Algorithm,
  type ModelPackage,
  operations,
  type Product,
  type ProductDocument,
  type Submission,
} from '@souk/contract';
import { trainerArchive, trainerProfile, trainerSpecification } from '../../server/test/algorithms.ts';
import { irisDocument as documentOf, irisFile } from '../iris-document.ts';
import { bankDetails, contact, taxInterview } from '../payee.ts';
import { type Client, operatorOf, type Person, until } from './souk.ts';

/** The publisher's steps of the path, one function each, on the iris example. */
export async function upload(
  client: Client,
  bytes: Uint8Array,
  fileName: string,
  purpose: 'model' | 'media' | 'sample' | 'image',
): Promise<{ uploadId: string; sha256: string }> {
  const { id } = await client.ok(operations.createUpload, {
    body: { fileName, purpose, sizeBytes: bytes.length },
  });
  const done = await client.ok(operations.appendUpload, {
    params: { uploadId: id },
    query: { offset: 0 },
    raw: bytes,
  });
  if (!done.sha256) throw new Error('the upload is not complete');
  return { uploadId: id, sha256: done.sha256 };
}

/** Uploads the iris model and registers it; its checks begin. */
export async function pushIris(client: Client, name: string): Promise<ModelPackage> {
  const { uploadId } = await upload(client, irisFile('model.onnx'), 'model.onnx', 'model');
  return client.ok(operations.createModelPackage, { body: irisModel(name, uploadId) });
}

export const irisModel = (name: string, uploadId: string) => ({
  name,
  uploadId,
  validationSpecification: {
    validationProfiles: [
      {
        profileName: 'sample',
        input: { contentType: 'application/json', body: irisFile('sample-input.json').toString() },
        expected: { contentType: 'application/json', body: irisFile('sample-output.json').toString() },
      },
    ],
  },
});

export const checked = (client: Client, name: string): Promise<ModelPackage> =>
  until(
    'the end of the checks',
    () => client.ok(operations.getModelPackage, { params: { name } }),
    (m) => m.status === 'Completed' || m.status === 'Failed',
  );

export async function registerIris(client: Client, name: string): Promise<ModelPackage> {
  await pushIris(client, name);
  return checked(client, name);
}

/** A publisher whom nothing keeps from selling: profile, taxes, bank, and the word of the marketplace's operator. */
export async function writeProfile(client: Client, slug: string): Promise<void> {
  await client.ok(operations.putPublisher, {
    body: { slug, displayName: `Publisher ${slug}`, ...contact },
  });
  await mayBePaid(client);
}

export async function mayBePaid(client: Client): Promise<void> {
  await client.ok(operations.putTaxDetails, { body: taxInterview() });
  await client.ok(operations.putPayoutDetails, { body: bankDetails() });
  const { accountId, verification } = await client.ok(operations.getPublisherStanding);
  if (verification.neededFor === 'nothing' || verification.state === 'verified') return;
  const { version } = (await client.ok(operations.requestVerification, { body: { message: '' } }))
    .verification;
  const operator = await operatorOf(client.url);
  await operator.client.ok(operations.decideVerification, {
    params: { accountId },
    body: { decision: 'approve', comment: 'Known.', version },
  });
}

export async function irisDocument(client: Client, arn: string): Promise<ProductDocument> {
  const { sha256 } = await upload(client, irisFile('logo.png'), 'logo.png', 'media');
  return documentOf(arn, sha256);
}

export async function createIris(publisher: Person, slug: string): Promise<Product> {
  const { client } = publisher;
  await writeProfile(client, slug);
  const model = await registerIris(client, `${slug}-1`);
  if (model.status !== 'Completed')
    throw new Error(`the model package is ${model.status}: ${model.failureReason}`);
  return createProduct(client, model.arn);
}

export const createProduct = async (client: Client, arn: string, slug = 'iris'): Promise<Product> =>
  client.ok(operations.createProduct, {
    body: { type: 'model-package', slug, document: await irisDocument(client, arn) },
  });

/** Uploads the example’s training program and registers it; trained with its sample. */
export async function registerTrainer(client: Client, name: string): Promise<Algorithm> {
  const { uploadId } = await upload(client, await trainerArchive(), 'trainer.tar', 'model');
  await client.ok(operations.registerAlgorithm, {
    body: {
      name,
      uploadId,
      trainingSpecification: trainerSpecification,
      validationSpecification: { validationProfiles: [trainerProfile] },
    },
  });
  return until(
    'the end of the checks',
    () => client.ok(operations.getAlgorithm, { params: { name } }),
    (a) => a.status === 'Completed' || a.status === 'Failed',
  );
}

/** The example’s document, about an algorithm in place of a model. */
export async function trainerDocument(client: Client, arn: string): Promise<ProductDocument> {
  const iris = await irisDocument(client, 'arn:aws:sagemaker:souk-home-1:000000000000:model-package/x');
  return {
    ...iris,
    versions: (iris.versions ?? []).map(({ modelPackageArn: _, ...v }) => ({
      ...v,
      algorithmArn: arn,
      training: {
        overview: 'Softmax regression by gradient descent.',
        description: 'Tables with a header line; the last column is the class.',
        sample: 'a,b,class\n1,2,x\n3,4,y\n',
      },
      recommendedInstanceTypes: { training: 'ml.m5.large' },
    })),
    plans: [{ id: 'free', name: 'Free' }],
  };
}

export const submit = (client: Client, productId: string, testAccounts: string[] = []) =>
  client.ok(operations.submitProduct, { params: { productId }, body: { testAccounts } });

export const settled = (client: Client, submission: Submission, timeoutMs = 90_000): Promise<Submission> =>
  until(
    'the pipeline’s next stop',
    () => client.ok(operations.getSubmission, { params: { submissionId: submission.id } }),
    (s) => s.state !== 'running',
    timeoutMs,
  );

export async function goLive(client: Client, submission: Submission): Promise<Submission> {
  const signed = await client.ok(operations.signOff, {
    params: { submissionId: submission.id },
    body: { revision: submission.revision },
  });
  return settled(client, signed);
}

export async function subscribe(
  client: Client,
  publisher: string,
  planId: string,
  slot?: 'preview' | 'live',
  product = 'iris',
) {
  const page = await client.ok(operations.getCatalogProduct, {
    params: { publisher, product },
    query: slot ? { slot } : {},
  });
  return client.ok(operations.subscribe, {
    body: {
      publisher,
      product,
      planId,
      eulaSha256: page.eula.sha256,
      acceptEula: true,
      ...(slot ? { slot } : {}),
    },
  });
}

export const sample = () => irisFile('sample-input.json').toString();

/** A call as a buyer's program makes it. */
export function call(
  client: Client,
  publisher: string,
  body: string = sample(),
  path = '/invocations',
): Promise<Response> {
  return fetch(`${client.url}/call/${publisher}/iris${path}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      ...(client.key ? { authorization: `Bearer ${client.key}` } : {}),
    },
  });
}
