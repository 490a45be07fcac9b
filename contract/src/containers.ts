import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { record } from './schema.ts';

export const containerErrors = defineErrors({
  'container.image_missing': {
    kind: 'invalid',
    message: 'There is no container image {image} in this account that has passed its checks.',
    remedy:
      'Push it with `souk images push`, wait until it is Completed, and name it by the digest that `souk images list` shows.',
  },
  'container.nothing_to_run': {
    kind: 'invalid',
    message: '{name} names neither an upload, nor a container image, nor a server: there is nothing to run.',
    remedy:
      'Give uploadId (a model or a program), or container.image, or both; or a server that has the model.',
  },
  'container.environment_invalid': {
    kind: 'invalid',
    message: 'The environment variable {variable} cannot be set: {problem}.',
    remedy: 'Use another name; what the contract of the container sets itself is not for publishers to set.',
  },
});

/** The most that SageMaker takes. */
export const environmentMax = 100;

export const ContainerSpecification = record('ContainerSpecification', {
  image: Type.String({
    pattern: '^sha256:[0-9a-f]{64}$',
    description: 'Digest of an image of the account. It is started with `serve` or `train`.',
  }),
  environment: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[a-zA-Z_][a-zA-Z0-9_]{0,1023}$' }),
      Type.String({ maxLength: 1024 }),
      {
        maxProperties: environmentMax,
        description:
          'Set in the container beside what the image sets. No place for secrets: it is not sealed.',
      },
    ),
  ),
});
export type ContainerSpecification = Static<typeof ContainerSpecification>;

/** Set by whoever runs the container: a publisher's own would lie about the job. */
export const reservedVariable = (name: string): boolean =>
  /^SAGEMAKER_(BATCH|MAX_PAYLOAD_IN_MB|BATCH_STRATEGY|MAX_CONCURRENT_TRANSFORMS)$|^TRAINING_JOB_(NAME|ARN)$/.test(
    name,
  );
