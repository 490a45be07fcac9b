import type { ProductDocument } from './document.ts';

/**
 * Texts, media and prices of a product: what a publisher may change without that anything runs otherwise. Everything that is not
 * named here, also what a later release adds to the document, counts as something that must be tested in preview.
 */
const textsOnly = [
  /^\/listing\/(?!visibility(\/|$))/,
  /^\/(promotion|support|terms|plans|audience)(\/|$)/,
  /^\/versions\/\d+\/(state|releaseNotes|usageInstructions|notebookUrl|repositoryUrl)$/,
  /^\/versions\/\d+\/(input\/(description|limitations|parameters)|output\/(description|parameters))(\/|$)/,
];

/** Whether a change touches only what is read, so that nothing would be tried anew in a preview. */
export const changesTextsOnly = (pointer: string): boolean => textsOnly.some((p) => p.test(pointer));

const sectionNames: Readonly<Record<string, string>> = {
  listing: 'Listing',
  promotion: 'Promotion',
  support: 'Support',
  regions: 'Regions',
  versions: 'Versions',
  plans: 'Plans',
  terms: 'Terms',
  audience: 'Audience',
};
/** Where the word in the document would not say it. */
const fieldNames: Readonly<Record<string, string>> = {
  eula: 'Licence agreement',
  sku: 'SKU',
  modelPackageArn: 'Model package',
  algorithmArn: 'Algorithm',
  videoUrl: 'Video',
  notebookUrl: 'Notebook',
  repositoryUrl: 'Repository',
  realtime: 'Real time',
  parts: 'Prices',
  number: 'Version number',
};

/** A place of the document as people read it: `Versions › 1.2.0 › Release notes`. Of the document that has the value. */
export function placeOf(pointer: string, document: ProductDocument): string {
  const tokens = pointer.split('/').slice(1).map(untoken);
  const names: string[] = [];
  let value: unknown = document;
  let list = '';
  for (const token of tokens) {
    const parent = value;
    value = isIndexable(value) ? value[token] : undefined;
    names.push(
      Array.isArray(parent) ? elementName(list, value, token) : fieldName(token, names.length === 0),
    );
    list = token;
  }
  return names.join(' › ') || 'The whole document';
}

const isIndexable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const untoken = (token: string) => token.replaceAll('~1', '/').replaceAll('~0', '~');

function elementName(list: string, element: unknown, index: string): string {
  const own = isIndexable(element) ? (element.number ?? element.name ?? element.id) : undefined;
  if (typeof own === 'string' && own !== '') return own;
  return `${fieldName(list, false).replace(/s$/, '')} ${Number(index) + 1}`;
}

const fieldName = (token: string, isSection: boolean): string =>
  (isSection ? sectionNames[token] : fieldNames[token]) ?? spoken(token);

/** `shortDescription` as `Short description`. */
function spoken(word: string): string {
  const apart = word.replaceAll(/(?<=[a-z0-9])([A-Z])/g, ' $1').toLowerCase();
  return `${apart.charAt(0).toUpperCase()}${apart.slice(1)}`;
}
