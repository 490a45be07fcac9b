import {
  type CatalogItem,
  isFreePlan,
  type Plan,
  priceOfPart,
  priceUnit,
  type Version,
  versionsIn,
} from '@souk/contract';
import type { CatalogEntry, PackagedVersion, ShownProduct } from './catalog.ts';
import { plainText, vocabularyOf } from './catalog.words.ts';

/** What a new subscriber gets: the last listed version; publishers add versions at the end. */
export function latestVersion(
  versions: readonly Version[] = [],
  aside: readonly string[] = [],
): string | undefined {
  if (aside.includes('*')) return undefined;
  return versions
    .filter((v) => v.state !== 'restricted' && !aside.includes(v.number ?? ''))
    .flatMap((v) => v.number ?? [])
    .at(-1);
}

/** Parts that cost something; the fee of a month, which is paid whatever is used, first. */
const pricedParts = (plan: Plan) => {
  const priced = (plan.parts ?? []).filter((p) => Number(priceOfPart(p)) > 0);
  return priced.toSorted((a, b) => Number(b.kind === 'recurring') - Number(a.kind === 'recurring'));
};

/** The price in a line: "Free", "0.002 USD per inference", "Free, then from 0.002 USD per inference". */
export function priceOf(plans: readonly Plan[] = []): Pick<CatalogItem, 'priceKind' | 'priceText'> {
  const priced = plans
    .flatMap((plan) =>
      pricedParts(plan)
        .slice(0, 1)
        .map((part) => ({ part, currency: plan.currency ?? 'USD' })),
    )
    .toSorted((a, b) => Number(priceOfPart(a.part)) - Number(priceOfPart(b.part)));
  const cheapest = priced[0];
  if (!cheapest) return { priceKind: 'free', priceText: 'Free' };
  const { part, currency } = cheapest;
  const unit = part.kind === 'recurring' ? 'month' : priceUnit(part.dimension);
  const text = `${priceOfPart(part)} ${currency} per ${unit}`;
  if (plans.some(isFreePlan)) return { priceKind: 'free', priceText: `Free, or from ${text}` };
  return { priceKind: 'usage', priceText: priced.length > 1 ? `From ${text}` : text };
}

/** Measured on the instance type that the publisher recommends, else on the first that was measured. */
export function p99Of(version: Version | undefined, packaged: PackagedVersion | undefined): number | null {
  const recommended = version?.recommendedInstanceTypes?.realtime;
  const measured = packaged?.measured ?? [];
  return (measured.find((m) => m.instanceType === recommended) ?? measured[0])?.p99Ms ?? null;
}

/** Draws the entry of a product from the revision in its slot. Pure, so that it can be drawn again to the same row. */
export function projectEntry(p: ShownProduct): CatalogEntry {
  const { listing = {}, promotion = {}, regions = {} } = p.document;
  const versions = versionsIn(p.document);
  // A private plan gives no price, and no facet, to those who may not have it.
  const plans = (p.document.plans ?? []).filter((plan) => plan.visibility !== 'private' && !plan.hidden);
  const number = latestVersion(versions, p.aside) ?? '';
  const packaged = p.versions.find((v) => v.number === number);
  const p99Ms = p99Of(
    versions.find((v) => v.number === number),
    packaged,
  );
  const title = listing.title ?? p.slug;
  const item: CatalogItem = {
    productId: p.productId,
    publisher: p.publisher,
    publisherName: p.publisherName,
    slug: p.slug,
    type: p.type,
    title,
    shortDescription: listing.shortDescription ?? '',
    categories: listing.categories ?? [],
    logoUrl: promotion.logo ? `/media/${promotion.logo.sha256}` : null,
    ...priceOf(plans),
    latestVersion: number,
    p99Ms,
    rating: ratingOf(p.rated),
    limited: false,
    publishedAt: p.publishedAt.toISOString(),
  };
  const facets = facetsOf(item, packaged?.resource.inferenceSpecification?.supportedContentTypes ?? []);
  return {
    productId: p.productId,
    revisionId: p.revisionId,
    publisher: p.publisher,
    slug: p.slug,
    // Anything but a plain "public" keeps the product to its audience.
    private: listing.visibility !== 'public',
    publishedAt: item.publishedAt ?? '',
    titleSort: plainText([title]),
    p99Ms,
    ratingScore: ratingScore(p.rated),
    facets,
    filters: [
      ...facets,
      facet('publisher', p.publisher),
      ...(regions.mode === 'selected' ? (regions.selected ?? []).map(regionWord) : [anyRegion]),
    ],
    words: vocabularyOf([title, p.publisherName, ...(promotion.keywords ?? []), ...item.categories]),
    item,
    texts: {
      title: plainText([title]),
      keywords: plainText([...(promotion.keywords ?? []), p.publisherName, p.slug, ...item.categories]),
      short: plainText([listing.shortDescription, ...(listing.highlights ?? [])]),
      long: plainText([listing.longDescription]),
    },
  };
}

/** As people read it: the plain mean, to one decimal. */
export const ratingOf = (rated: ShownProduct['rated']): CatalogItem['rating'] =>
  rated && rated.reviews > 0
    ? { count: rated.reviews, average: Math.round((rated.points / rated.reviews) * 10) / 10 }
    : null;

const prior = { reviews: 5, rating: 3.5 };

/** As the list is sorted: the mean with five reviews of 3.5 added. One review of 5 then stands below twenty of 4.5 on average. */
export const ratingScore = (rated: ShownProduct['rated']): number =>
  (prior.reviews * prior.rating + (rated?.points ?? 0)) / (prior.reviews + (rated?.reviews ?? 0));

export const facetKinds = {
  type: 'type',
  category: 'category',
  priceKind: 'price',
  publisher: 'publisher',
  contentType: 'content',
  rating: 'rating',
} as const;
export type FacetKind = keyof typeof facetKinds;

/** Facets and regions are kept among the words of a product, so that one index answers words and filters together. */
export const facet = (kind: FacetKind, value: string): string => `${facetKinds[kind]}:${value}`;
export const regionWord = (region: string): string => `region:${region}`;
export const anyRegion = 'region:*';

function facetsOf(item: CatalogItem, contentTypes: readonly string[]): string[] {
  return [
    facet('type', item.type),
    facet('priceKind', item.priceKind),
    ...item.categories.map((c) => facet('category', c)),
    ...contentTypes.map((c) => facet('contentType', c)),
    // Each step that it reaches, so that "4 or better" is one word of the index.
    ...[1, 2, 3, 4]
      .filter((step) => (item.rating?.average ?? 0) >= step)
      .map((step) => facet('rating', `${step}`)),
  ];
}
