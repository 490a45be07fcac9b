import { accessErrors } from './access.ts';
import { accountErrors } from './accounts.ts';
import { algorithmErrors } from './algorithms.ts';
import { appliedErrors } from './applied.ts';
import { audienceErrors } from './audiences.ts';
import { bucketErrors } from './buckets.ts';
import { catalogErrors } from './catalog.ts';
import { clusterErrors } from './cluster-errors.ts';
import { comparisonErrors } from './comparisons.ts';
import { containerErrors } from './containers.ts';
import { dataErrors } from './data-errors.ts';
import { endpointErrors } from './endpoints.ts';
import { type ErrorDefinition, requestErrors } from './errors.ts';
import { feedbackErrors } from './feedback.ts';
import { fileErrors } from './files.ts';
import { gatewayErrors } from './gateway.ts';
import { governanceErrors } from './governance.ts';
import { imageErrors } from './images.ts';
import { inferenceErrors } from './inferences.ts';
import { instanceErrors } from './instances.ts';
import { leakErrors } from './leaks.ts';
import { modelErrors } from './models.ts';
import { operatorErrors } from './operator.ts';
import { planErrors } from './plans.ts';
import { priceErrors } from './prices.ts';
import { productErrors } from './products.ts';
import { publisherErrors } from './publishers.ts';
import { publishingErrors } from './publishing.ts';
import { removalErrors } from './removals.ts';
import { reviewErrors } from './review.ts';
import { serverErrors } from './servers.ts';
import { serviceErrors } from './service-connection.ts';
import { subscriptionErrors } from './subscriptions.ts';
import { trainingErrors } from './training-errors.ts';
import { transformErrors } from './transform-errors.ts';
import { uploadErrors } from './uploads.ts';
import { versionErrors } from './versions.ts';
import { webServiceErrors } from './web-services.operations.ts';

/** Every error code of the API. Codes are never reused or renamed; docs/errors.md is generated from this. */
export const errorRegistry = {
  ...requestErrors,
  ...accountErrors,
  ...accessErrors,
  ...uploadErrors,
  ...fileErrors,
  ...bucketErrors,
  ...transformErrors,
  ...clusterErrors,
  ...modelErrors,
  ...imageErrors,
  ...algorithmErrors,
  ...containerErrors,
  ...productErrors,
  ...audienceErrors,
  ...appliedErrors,
  ...publisherErrors,
  ...publishingErrors,
  ...reviewErrors,
  ...catalogErrors,
  ...subscriptionErrors,
  ...removalErrors,
  ...planErrors,
  ...priceErrors,
  ...operatorErrors,
  ...serverErrors,
  ...serviceErrors,
  ...feedbackErrors,
  ...governanceErrors,
  ...gatewayErrors,
  ...dataErrors,
  ...trainingErrors,
  ...versionErrors,
  ...comparisonErrors,
  ...instanceErrors,
  ...endpointErrors,
  ...webServiceErrors,
  ...inferenceErrors,
  ...leakErrors,
};
export type ErrorCode = keyof typeof errorRegistry;

export const errorDefinition = (code: ErrorCode): ErrorDefinition => errorRegistry[code];
