import type { ProductDocument, SectionName } from '../../../api/types.ts';
import { plural } from '../../../format/format.ts';

export interface Part {
  readonly title: string;
  readonly rows: readonly {
    readonly section: SectionName;
    readonly title: string;
    /** What is there, in a line; null when nothing was written yet. */
    readonly said: (document: ProductDocument) => string | null;
  }[];
}

/** The parts of a listing in the order in which a publisher thinks of them. */
export const parts: readonly Part[] = [
  {
    title: 'General product information',
    rows: [
      {
        section: 'listing',
        title: 'Product descriptions',
        said: ({ listing: l }) => joined([l?.title, ...(l?.categories ?? [])]),
      },
      {
        section: 'promotion',
        title: 'Promotional resources',
        said: ({ promotion: p }) =>
          joined([
            p?.logo ? 'Logo' : null,
            counted(p?.images, 'image'),
            counted(p?.keywords, 'keyword'),
            counted(p?.links, 'link'),
            p?.videoUrl ? 'Video' : null,
          ]),
      },
      {
        section: 'support',
        title: 'Support information',
        said: ({ support: s }) =>
          s?.offered === undefined
            ? null
            : s.offered
              ? joined(['Support is offered', s.email, s.url])
              : 'No support is offered',
      },
      {
        section: 'regions',
        title: 'Region availability',
        said: ({ regions: r }) =>
          r?.mode === 'selected'
            ? joined(r.selected ?? [])
            : 'Available in all current and future supported regions',
      },
    ],
  },
  {
    title: 'Launch options',
    rows: [
      {
        section: 'versions',
        title: 'Versions',
        said: ({ versions = [] }) => joined(versions.map((v) => v.number)),
      },
    ],
  },
  {
    title: 'Pricing and terms',
    rows: [
      { section: 'plans', title: 'Pricing', said: ({ plans = [] }) => joined(plans.map((p) => p.name)) },
      {
        section: 'terms',
        title: 'Licence agreement and refunds',
        said: ({ terms: t }) =>
          joined([t?.eula ? 'Licence agreement' : null, t?.refundPolicy ? 'Refund policy' : null]),
      },
    ],
  },
];

const counted = (list: readonly unknown[] | undefined, noun: string) =>
  list && list.length > 0 ? plural(list.length, noun) : null;

const joined = (words: readonly (string | null | undefined)[]) =>
  words.filter((word) => word?.trim()).join(' · ') || null;
