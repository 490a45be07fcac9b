import { readFileSync } from 'node:fs';
import type { ProductDocument } from '@souk/contract';

/** A file of the iris example. */
export const irisFile = (name: string) =>
  readFileSync(new URL(`../examples/iris-classifier/${name}`, import.meta.url));

/** A complete product document around the iris example: a free plan with a quota, and one that is paid by the call. */
export const irisDocument = (modelPackageArn: string, logoSha256: string): ProductDocument => ({
  listing: {
    visibility: 'public',
    title: 'Iris Species',
    shortDescription: 'Names the species of an iris from four lengths.',
    longDescription: 'Send four lengths, get a **species**.',
    highlights: ['Small and quick'],
    categories: ['Structured'],
  },
  promotion: { logo: { sha256: logoSha256, contentType: 'image/png' }, keywords: ['iris', 'botany'] },
  support: { offered: false },
  regions: { mode: 'all' },
  versions: [
    {
      number: '1.0.0',
      modelPackageArn,
      releaseNotes: 'The first.',
      usageInstructions: 'Send JSON or CSV.',
      input: {
        description: 'Four lengths in centimetres.',
        samples: { contentType: 'application/json', realtime: irisFile('sample-input.json').toString() },
      },
      output: {
        description: 'Label and probabilities.',
        samples: { contentType: 'application/json', realtime: irisFile('sample-output.json').toString() },
      },
    },
  ],
  plans: [
    { id: 'free', name: 'Free', quota: { unitsPerMonth: 1000, dimension: 'inference.count' } },
    {
      id: 'pay',
      name: 'Pay as you go',
      currency: 'USD',
      parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.5', includedQuantity: 2 }],
    },
  ],
  terms: {
    eula: 'You may use this model for any lawful purpose.',
    refundPolicy: 'No refunds; write to flowers@example.org.',
  },
});
