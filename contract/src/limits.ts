/**
 * Limits of the product document, in one table, so that the form counts what the server checks.
 * Source: the vendor's schemas and documentation, reference aws-marketplace-ml.md section 1.2.
 */
export const limits = {
  titleChars: 72,
  shortDescriptionChars: 1000,
  longDescriptionChars: 5000,
  skuChars: 100,
  highlights: { min: 1, max: 3, chars: 500 },
  categories: { min: 1, max: 3 },
  keywords: { min: 1, max: 15, chars: 50, charsTogether: 250 },
  links: { max: 3, textChars: 500, urlChars: 2048 },
  /** Together with the logo 15 media items, as the vendor allows. */
  images: { max: 14, altChars: 250, sideMin: 200, sideMax: 4096 },
  mediaBytes: 5 * 1024 * 1024,
  logo: { sideMin: 120, sideMax: 640 },
  supportDescriptionChars: 2000,
  emailChars: 254,
  versionNumberChars: 64,
  releaseNotesChars: 30_000,
  usageInstructionsChars: 10_000,
  urlChars: 2000,
  inputDescriptionChars: 10_000,
  limitationsChars: 1000,
  outputDescriptionChars: 10_000,
  parameters: { max: 35, nameChars: 100, descriptionChars: 1000, constraintsChars: 1500 },
  customAttributes: { max: 35 },
  sampleChars: 10_000,
  sampleFileBytes: 10 * 1024 * 1024,
  formats: { max: 10 },
  planNameChars: 100,
  planDescriptionChars: 1000,
  priceMax: '100000000',
  priceDecimals: 8,
  refundPolicyChars: 500,
  eulaChars: 100_000,
  testAccounts: 5000,
} as const;
