import type { SectionName } from '../../../api/types.ts';

export const sectionTitles: Record<SectionName, string> = {
  listing: 'Listing',
  promotion: 'Promotion',
  support: 'Support',
  regions: 'Regions',
  versions: 'Versions',
  plans: 'Plans',
  terms: 'Terms',
  audience: 'Audience',
};

export const sectionNames = Object.keys(sectionTitles) as SectionName[];

export const sectionNotes: Record<SectionName, string> = {
  listing: 'What it is and what it does.',
  promotion: 'How it is recognised and found.',
  support: 'Whom buyers ask.',
  regions: 'Where it can be run.',
  versions: 'What runs, and how it is called.',
  plans: 'What it costs.',
  terms: 'What buyers agree to.',
  audience: 'Who may try the preview.',
};

export const isSection = (text: string | null | undefined): text is SectionName =>
  sectionNames.some((name) => name === text);
