import {
  fields,
  InferenceSpecification,
  operations,
  ProductType,
  ResourceName,
  Slug,
  ValidationProfile,
} from '@souk/contract';
import { type Static, Type } from 'typebox';

/** What souk.yaml has beside the product document: which product it is, whose, and where the model lies. */
export const ProductPart = Type.Object(
  {
    type: ProductType,
    slug: Slug,
  },
  { additionalProperties: false, description: 'Which of your products this file describes.' },
);
export type ProductPart = Static<typeof ProductPart>;

const profile = operations.putPublisher.body.properties;
export const PublisherPart = Type.Object(
  {
    slug: profile.slug,
    displayName: profile.displayName,
    description: profile.description,
    websiteUrl: profile.websiteUrl,
    contactEmail: profile.contactEmail,
  },
  {
    additionalProperties: false,
    description: 'Your publisher profile; souk push writes it when it differs from the account’s.',
  },
);
export type PublisherPart = Static<typeof PublisherPart>;

const inference = InferenceSpecification.properties;
const validation = ValidationProfile.properties;
export const ModelPart = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The model’s file, archive or folder, beside souk.yaml; left out where the image has it in itself.',
      }),
    ),
    container: Type.Optional(inference.container),
    name: Type.Optional({ ...ResourceName, description: 'Name to register under; else <slug>-<version>.' }),
    description: Type.Optional(Type.String({ maxLength: 1024 })),
    region: Type.Optional(Type.String({ maxLength: 63 })),
    contentTypes: Type.Optional(inference.supportedContentTypes),
    responseTypes: Type.Optional(inference.supportedResponseMIMETypes),
    instanceTypes: Type.Optional(
      fields({
        realtime: Type.Optional(inference.supportedRealtimeInferenceInstanceTypes),
        batch: Type.Optional(inference.supportedTransformInstanceTypes),
      }),
    ),
    batching: Type.Optional(inference.batching),
    sample: Type.Optional(
      Type.Object(
        {
          contentType: Type.Optional(validation.input.properties.contentType),
          input: Type.Optional(validation.input.properties.body),
          responseType: Type.Optional(validation.expected.properties.contentType),
          output: Type.Optional(Type.String({ maxLength: 1_000_000 })),
        },
        {
          additionalProperties: false,
          description: 'What the checks send and expect; else the version’s own real-time samples.',
        },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'The model of this version: souk push registers it and fills modelPackageArn.',
  },
);
export type ModelPart = Static<typeof ModelPart>;
