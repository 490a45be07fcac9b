import type { NewAlgorithm } from '../../api/types.ts';
import { type ContainerForm, containerOf } from './container-form.ts';

export interface AlgorithmForm {
  readonly name: string;
  readonly uploadId: string | null;
  /** The specification as JSON, as in the body of the API. */
  readonly text: string;
  readonly training: ContainerForm;
  readonly serving: ContainerForm;
}

/** What is registered. Throws what JSON.parse says of a text that is none. */
export function algorithmOf(form: AlgorithmForm, instanceTypes: readonly string[]): NewAlgorithm {
  const said = JSON.parse(form.text) as Omit<NewAlgorithm, 'name' | 'uploadId'>;
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw new Error('it has to be an object, in braces');
  const { training, serving } = form;
  return {
    ...said,
    name: form.name.trim(),
    ...(form.uploadId === null ? {} : { uploadId: form.uploadId }),
    ...(training.image
      ? { trainingSpecification: { ...said.trainingSpecification, container: containerOf(training) } }
      : {}),
    // Without an image of its own, what trained serves; the server says so too.
    ...(serving.image
      ? {
          inferenceSpecification: {
            ...(said.inferenceSpecification ?? typesOf(said, instanceTypes)),
            container: containerOf(serving),
          },
        }
      : {}),
  };
}

/** What an image is asked with is what its sample is asked with, unless the text says more. */
function typesOf(said: Omit<NewAlgorithm, 'name'>, instanceTypes: readonly string[]) {
  const [profile] = said.validationSpecification?.validationProfiles ?? [];
  return {
    supportedContentTypes: [profile?.input.contentType ?? 'application/json'],
    supportedResponseMIMETypes: [profile?.expected.contentType ?? 'application/json'],
    supportedRealtimeInferenceInstanceTypes: [...instanceTypes],
    supportedTransformInstanceTypes: [...instanceTypes],
  };
}

/** An example to write over: a table of numbers with a class. */
export const algorithmTemplate = JSON.stringify(
  {
    description: '',
    trainingSpecification: {
      trainingChannels: [
        {
          name: 'train',
          isRequired: true,
          supportedContentTypes: ['text/csv'],
          supportedInputModes: ['File', 'FastFile'],
        },
      ],
      supportedHyperParameters: [
        {
          name: 'epochs',
          type: 'Integer',
          range: { min: '1', max: '1000' },
          defaultValue: '100',
          isTunable: true,
        },
      ],
      metricDefinitions: [{ name: 'train:loss', regex: 'train_loss=([0-9.]+)' }],
      supportedTuningJobObjectiveMetrics: [{ type: 'Minimize', metricName: 'train:loss' }],
    },
    validationSpecification: {
      validationProfiles: [
        {
          profileName: 'sample',
          training: {
            hyperParameters: { epochs: '10' },
            channels: [
              {
                channelName: 'train',
                contentType: 'text/csv',
                files: [{ name: 'rows.csv', text: 'a,b,class\n1,2,x\n3,4,y\n' }],
              },
            ],
          },
          input: { contentType: 'application/json', body: '{"features": [[1, 2]]}' },
          expected: { contentType: 'application/json', body: '{"label": ["x"]}' },
        },
      ],
    },
  },
  null,
  2,
);
