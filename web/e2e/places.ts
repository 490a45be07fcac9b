import { operations } from '@souk/contract';
import type { Client } from '../../test/journeys/souk.ts';
import type { Places } from './pages.ts';

/** What there is to look at in a marketplace with one published product, a subscription and some mail. */
export async function findPlaces(publisher: Client, buyer: Client, operator: Client | null): Promise<Places> {
  const products = await publisher.ok(operations.listProducts);
  const product = products.items.find((p) => p.liveRevision !== null && p.type === 'model-package');
  if (!product) throw new Error('No product of the publisher is live.');
  const submissions = await publisher.ok(operations.listSubmissions, { params: { productId: product.id } });
  const models = await publisher.ok(operations.listModelPackages);
  const subscriptions = await buyer.ok(operations.listSubscriptions);
  const question = (await buyer.ok(operations.listQuestions)).items[0];
  const image = (await publisher.ok(operations.listImages)).items[0];
  const mail = operator ? (await operator.send(operations.listMail)).body : null;
  const [submission, model] = [submissions.items[0], models.items[0]];
  const subscription = subscriptions.items.find((s) => s.product === product.slug);
  const service = products.items.find((p) => p.type === 'web-service');
  if (!submission || !model || !subscription) throw new Error('Something to look at is missing.');
  return {
    product: product.slug,
    publisher: product.publisher,
    publisherAccountId: product.accountId,
    productId: product.id,
    submissionId: submission.id,
    modelName: model.name,
    subscriptionId: subscription.id,
    serviceProduct:
      products.items.find((p) => p.liveRevision !== null && p.type === 'web-service')?.slug ?? null,
    serviceEditor: service ? `${service.id}/edit?section=service` : null,
    mailId: mail?.items?.[0]?.id ?? null,
    questionId: question?.id ?? null,
    imageId: image?.id ?? null,
    algorithmName: (await publisher.ok(operations.listAlgorithms)).items[0]?.name ?? null,
    trainingName:
      (await buyer.ok(operations.listTrainingJobs)).items.find((j) => j.tuningJob === null)?.name ?? null,
    tuningName: (await buyer.ok(operations.listTuningJobs)).items[0]?.name ?? null,
    transformName: (await buyer.ok(operations.listTransformJobs)).items[0]?.name ?? null,
    webServiceId: (await buyer.ok(operations.listWebServices)).items[0]?.id ?? null,
    endpointName: (await buyer.ok(operations.listEndpoints)).items[0]?.name ?? null,
  };
}
