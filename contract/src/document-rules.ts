import type { ProductDocument, Section, Version } from './document.ts';
import { sections } from './document.ts';
import { Findings } from './document-findings.ts';
import { promotion } from './document-promotion.ts';
import { resourceOf, trainingRules } from './document-resource.ts';
import { side } from './document-sides.ts';
import type { Finding } from './findings.ts';
import { limits } from './limits.ts';
import { planRules } from './plan-rules.ts';
import type { ProductType } from './products.ts';
import { type PublisherReadiness, readinessFindings } from './publisher-readiness.ts';
import { serviceRules } from './service-rules.ts';

/**
 * What a document must have before it can be submitted, and the limits of its texts. Pure, so that the form in the browser,
 * `souk check` on a desk and the server's prerequisites stage say the same. Findings point into the document.
 */
export interface DocumentContext {
  /** Model packages the publisher may list; undefined where that cannot be known (a desk without a sign-in). */
  readonly resources?: ReadonlyMap<string, KnownResource> | undefined;
  readonly regions?: readonly string[] | undefined;
  /** What the publisher lacks, by the operator's policies; undefined where that cannot be known. */
  readonly publisher?: PublisherReadiness | undefined;
  /** Of the product; where it is not known, what a version names is taken as meant. */
  readonly type?: 'model-package' | 'algorithm' | 'web-service' | 'application' | undefined;
  /** Whose resources the publisher may list. */
  readonly accountId?: string | undefined;
  /** Whether services without TLS may be called at all: whether the operator allows a network. */
  readonly plainHttp?: boolean | undefined;
  /** Of this marketplace, which is a service URL like any other, with TLS or without. */
  readonly ownOrigin?: string | undefined;
}
export interface KnownResource {
  readonly status: string;
  readonly certifyForMarketplace: boolean;
  readonly realtimeInstanceTypes: readonly string[];
  readonly batchInstanceTypes: readonly string[];
  /** Of an algorithm. */
  readonly trainingInstanceTypes?: readonly string[] | undefined;
  readonly contentTypes?: readonly string[] | undefined;
  readonly responseTypes?: readonly string[] | undefined;
}

export function documentFindings(document: ProductDocument, context: DocumentContext = {}): Finding[] {
  const found = new Findings();
  listing(document, found);
  promotion(document, found);
  support(document, found);
  regions(document, context, found);
  if (context.type === 'web-service') serviceRules(document, context, found);
  else versions(document, context, found);
  planRules(document, context, found);
  terms(document, found);
  return [...found.list, ...(context.publisher ? readinessFindings(document, context.publisher) : [])];
}

/** What is asked of a product: a web service has a service, the others have versions. */
export const sectionsOf = (type: ProductType | undefined): Section[] =>
  sections.filter((s) => s !== (type === 'web-service' ? 'versions' : 'service'));

/** Errors and warnings per section: what the editor's left column shows. */
export function completeness(findings: readonly Finding[], type?: ProductType) {
  return sectionsOf(type).map((section) => {
    const own = findings.filter((f) => f.pointer?.split('/')[1] === section);
    const errors = own.filter((f) => f.severity === 'error').length;
    return {
      section,
      complete: errors === 0,
      errors,
      warnings: own.filter((f) => f.severity === 'warning').length,
    };
  });
}

export const sectionOf = (pointer: string): Section | undefined =>
  sections.find((s) => s === pointer.split('/')[1]);

function listing({ listing: l = {} }: ProductDocument, found: Findings) {
  if (l.visibility === undefined)
    found.add(
      '/listing/visibility',
      'document.missing',
      'The visibility is missing.',
      'Choose public or private; private can never become public.',
    );
  if (found.required(l.title, '/listing/title', 'The title')) {
    found.text(l.title, '/listing/title', 'The title', limits.titleChars);
    if (/^\s/.test(l.title))
      found.add('/listing/title', 'document.leading_blank', 'The title begins with a blank.', 'Remove it.');
    if (/\s[™®©]/u.test(l.title))
      found.add(
        '/listing/title',
        'document.blank_before_mark',
        'There is a blank before a trademark sign.',
        'Put the sign right after the word.',
      );
  }
  found.required(l.shortDescription, '/listing/shortDescription', 'The short description');
  found.text(
    l.shortDescription,
    '/listing/shortDescription',
    'The short description',
    limits.shortDescriptionChars,
  );
  found.required(l.longDescription, '/listing/longDescription', 'The long description');
  found.text(
    l.longDescription,
    '/listing/longDescription',
    'The long description',
    limits.longDescriptionChars,
  );
  found.text(l.sku, '/listing/sku', 'The SKU', limits.skuChars);
  const highlights = l.highlights ?? [];
  found.count(highlights.length, '/listing/highlights', 'highlights', limits.highlights);
  highlights.forEach((h, i) => {
    found.required(h, `/listing/highlights/${i}`, 'The highlight');
    found.text(h, `/listing/highlights/${i}`, 'The highlight', limits.highlights.chars);
  });
  const categories = l.categories ?? [];
  found.count(categories.length, '/listing/categories', 'categories', limits.categories);
  if (new Set(categories).size < categories.length)
    found.add('/listing/categories', 'document.duplicate', 'A category is given twice.', 'Remove one.');
}

function support({ support: s = {} }: ProductDocument, found: Findings) {
  if (s.offered === undefined) {
    found.add(
      '/support/offered',
      'document.missing',
      'It is not said whether support is offered.',
      'Choose yes or no.',
    );
    return;
  }
  found.text(
    s.description,
    '/support/description',
    'The support description',
    limits.supportDescriptionChars,
  );
  found.url(s.url, '/support/url', 'The support address', limits.urlChars);
  found.text(s.email, '/support/email', 'The support e-mail address', limits.emailChars);
  if (s.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(s.email))
    found.add(
      '/support/email',
      'document.email',
      'The support e-mail address is not one.',
      'Write it as name@example.com.',
    );
  if (!s.offered) return;
  found.required(s.description, '/support/description', 'The support description');
  if (!s.email && !s.url)
    found.add(
      '/support/email',
      'document.missing',
      'Support is offered, but no contact is given.',
      'Give an e-mail address or a web address.',
    );
}

function regions({ regions: r = {} }: ProductDocument, context: DocumentContext, found: Findings) {
  if ((r.mode ?? 'all') === 'all') return;
  const selected = r.selected ?? [];
  found.count(selected.length, '/regions/selected', 'regions', { min: 1, max: 200 });
  selected.forEach((region, i) => {
    if (context.regions && !context.regions.includes(region))
      found.add(
        `/regions/selected/${i}`,
        'document.unknown_region',
        `There is no region ${region}.`,
        `Choose among ${context.regions.join(', ')}.`,
      );
  });
}

function versions({ versions: list = [] }: ProductDocument, context: DocumentContext, found: Findings) {
  found.count(list.length, '/versions', 'versions', { min: 1, max: 500 });
  const seen = new Map<string, number>();
  list.forEach((v, i) => {
    version(v, `/versions/${i}`, context, found);
    const first = v.number === undefined ? undefined : seen.get(v.number);
    if (first !== undefined)
      found.add(
        `/versions/${i}/number`,
        'document.duplicate_version',
        `The version number ${v.number} is used twice.`,
        'Give each version its own number.',
      );
    if (v.number !== undefined) seen.set(v.number, i);
  });
  if (list.length > 0 && list.every((v) => v.state === 'restricted'))
    found.add(
      '/versions',
      'document.all_restricted',
      'Every version is restricted.',
      'Keep at least one version listed.',
    );
}

function version(v: Version, at: string, context: DocumentContext, found: Findings) {
  if (found.required(v.number, `${at}/number`, 'The version number')) {
    found.text(v.number, `${at}/number`, 'The version number', limits.versionNumberChars);
    // The number is part of the call's address.
    if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(v.number) || v.number === 'latest')
      found.add(
        `${at}/number`,
        'document.version_number',
        `The version number ${v.number} cannot stand in an address.`,
        'Use letters, digits, dot, hyphen, plus and underscore, as in 1.2.0; "latest" is taken.',
      );
  }
  const resource = resourceOf(v, at, context, found);
  trainingRules(v, at, context, found);
  found.text(v.releaseNotes, `${at}/releaseNotes`, 'The release notes', limits.releaseNotesChars);
  found.required(v.releaseNotes, `${at}/releaseNotes`, 'The release notes');
  found.required(v.usageInstructions, `${at}/usageInstructions`, 'The usage instructions');
  found.text(
    v.usageInstructions,
    `${at}/usageInstructions`,
    'The usage instructions',
    limits.usageInstructionsChars,
  );
  found.url(v.notebookUrl, `${at}/notebookUrl`, 'The notebook’s address', limits.urlChars);
  found.url(v.repositoryUrl, `${at}/repositoryUrl`, 'The repository’s address', limits.urlChars);
  side(
    v.input,
    {
      at: `${at}/input`,
      what: 'input',
      descriptionCharsMax: limits.inputDescriptionChars,
      contentTypes: resource?.contentTypes,
    },
    found,
  );
  side(
    v.output,
    {
      at: `${at}/output`,
      what: 'output',
      descriptionCharsMax: limits.outputDescriptionChars,
      contentTypes: resource?.responseTypes,
    },
    found,
  );
  const recommended = v.recommendedInstanceTypes ?? {};
  for (const [use, supported] of [
    ['realtime', resource?.realtimeInstanceTypes],
    ['batch', resource?.batchInstanceTypes],
    ['training', resource?.trainingInstanceTypes],
  ] as const) {
    const chosen = recommended[use];
    if (chosen && supported && !supported.includes(chosen))
      found.add(
        `${at}/recommendedInstanceTypes/${use}`,
        'document.instance_type',
        `${chosen} is not among the instance types that it supports (${supported.join(', ')}).`,
        'Recommend one of these.',
      );
  }
}

function terms({ terms: t = {} }: ProductDocument, found: Findings) {
  found.required(t.eula, '/terms/eula', 'The licence agreement');
  found.text(t.eula, '/terms/eula', 'The licence agreement', limits.eulaChars);
  found.required(t.refundPolicy, '/terms/refundPolicy', 'The refund policy');
  found.text(t.refundPolicy, '/terms/refundPolicy', 'The refund policy', limits.refundPolicyChars);
}
