import { accessOperations } from './access.ts';
import { accountOperations } from './accounts.ts';
import { algorithmOperations } from './algorithms.ts';
import { appliedOperations } from './applied.ts';
import { audienceOperations } from './audiences.ts';
import { bucketOperations } from './buckets.ts';
import { catalogOperations } from './catalog.ts';
import { comparisonOperations } from './comparisons.ts';
import { dataOperations } from './data-services.ts';
import { endpointOperations } from './endpoints.ts';
import { feedbackOperations } from './feedback.ts';
import { fileOperations } from './files.ts';
import { governanceOperations } from './governance.ts';
import { imageOperations } from './images.ts';
import { inferenceOperations } from './inferences.ts';
import { instanceOperations } from './instances.ts';
import { leakOperations } from './leaks.ts';
import { modelOperations } from './models.ts';
import type { Operation } from './operation.ts';
import { operatorOperations } from './operator.ts';
import { planOperations } from './plans.ts';
import { priceOperations } from './prices.ts';
import { productOperations } from './products.ts';
import { publisherOperations } from './publishers.ts';
import { publishingOperations } from './publishing.ts';
import { removalOperations } from './removals.ts';
import { reviewOperations } from './review.ts';
import { serverOperations } from './servers.ts';
import { serviceOperations } from './service-connection.ts';
import { subscriptionOperations } from './subscriptions.ts';
import { trainingOperations } from './training.ts';
import { transformOperations } from './transforms.ts';
import { tuningOperations } from './tuning.ts';
import { uploadOperations } from './uploads.ts';
import { versionOperations } from './versions.ts';
import { webServiceOperations } from './web-services.operations.ts';

/** Every operation of Souk's own API, by id. */
export const operations = {
  ...accountOperations,
  ...leakOperations,
  ...accessOperations,
  ...uploadOperations,
  ...fileOperations,
  ...bucketOperations,
  ...transformOperations,
  ...modelOperations,
  ...imageOperations,
  ...algorithmOperations,
  ...publisherOperations,
  ...productOperations,
  ...audienceOperations,
  ...appliedOperations,
  ...publishingOperations,
  ...reviewOperations,
  ...catalogOperations,
  ...subscriptionOperations,
  ...removalOperations,
  ...planOperations,
  ...priceOperations,
  ...operatorOperations,
  ...serverOperations,
  ...serviceOperations,
  ...dataOperations,
  ...feedbackOperations,
  ...governanceOperations,
  ...trainingOperations,
  ...tuningOperations,
  ...versionOperations,
  ...comparisonOperations,
  ...instanceOperations,
  ...endpointOperations,
  ...inferenceOperations,
  ...webServiceOperations,
} satisfies Record<string, Operation>;
export type OperationId = keyof typeof operations;
