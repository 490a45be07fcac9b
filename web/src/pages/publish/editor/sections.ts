import type { Product, SectionName } from '../../../api/types.ts';

export const sectionTitles: Record<SectionName, string> = {
  listing: 'Listing',
  promotion: 'Promotion',
  support: 'Support',
  regions: 'Regions',
  versions: 'Versions',
  service: 'Service',
  plans: 'Plans',
  terms: 'Terms',
  audience: 'Audience',
};

const sectionNames = Object.keys(sectionTitles) as SectionName[];

/** A web service has a service where the other types have versions. */
export const sectionsOf = (type: Product['type']): SectionName[] =>
  sectionNames.filter((name) => name !== (type === 'web-service' ? 'versions' : 'service'));

export const sectionNotes: Record<SectionName, string> = {
  listing: 'What it is and what it does.',
  promotion: 'How it is recognised and found.',
  support: 'Whom buyers ask.',
  regions: 'Where it can be run.',
  versions: 'What runs, and how it is called.',
  service: 'The service behind it, and how Souk calls it.',
  plans: 'What it costs.',
  terms: 'What buyers agree to.',
  audience: 'Who may try the preview.',
};

export const isSection = (text: string | null | undefined): text is SectionName =>
  sectionNames.some((name) => name === text);
