import type { PublisherProfile } from '@souk/contract';

export type PublisherRow = Omit<PublisherProfile, 'createdAt'> & { readonly createdAt: Date };

export type GivenProfile = {
  readonly slug: string;
  readonly displayName: string;
  readonly description?: string;
  readonly websiteUrl?: string | null;
  readonly contactEmail?: string | null;
  readonly logoSha256?: string | null;
};
