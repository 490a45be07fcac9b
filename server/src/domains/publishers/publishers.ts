import type {
  BankDetails,
  PublisherProfile,
  TaxForm,
  TaxInterview,
  VerificationEvent,
  VerificationState,
} from '@souk/contract';

export type ProfileRow = Omit<PublisherProfile, 'createdAt'> & { readonly createdAt: Date };

export interface PublisherRow extends ProfileRow {
  /** Runs the marketplace: need not make sure of itself. */
  readonly operator: boolean;
  readonly verification: VerificationState;
  readonly verificationVersion: number;
  readonly verificationText: string;
  readonly verificationSince: Date;
  readonly identityVerifiedAt: Date | null;
}

export type GivenProfile = {
  readonly slug: string;
  readonly displayName: string;
  readonly description?: string;
  readonly websiteUrl?: string | null;
  readonly contactEmail?: string | null;
  readonly logoSha256?: string | null;
};

/** Where verification goes from a state, by what happens. What is not here does not happen. */
export const verificationMoves: Readonly<
  Record<VerificationEvent, Partial<Record<VerificationState, VerificationState>>>
> = {
  requested: { unverified: 'pending', 'more-needed': 'pending', rejected: 'pending' },
  approved: { pending: 'verified', 'more-needed': 'verified' },
  'more-asked': { pending: 'more-needed', verified: 'more-needed' },
  rejected: { pending: 'rejected', 'more-needed': 'rejected', verified: 'rejected' },
  // Whoever was never looked at has nothing to lose by a change.
  changed: {
    pending: 'pending',
    verified: 'pending',
    'more-needed': 'more-needed',
    rejected: 'rejected',
  },
};

export interface HistoryRow {
  readonly at: Date;
  readonly event: VerificationEvent;
  readonly from: VerificationState;
  readonly to: VerificationState;
  readonly text: string;
  readonly actor: string;
  readonly byOperator: boolean;
}

/** What stands about taxes or bank without opening the seal. */
export interface DetailsRow {
  readonly id: string;
  readonly accountId: string;
  readonly what: 'tax' | 'bank';
  readonly version: number;
  readonly sealed: string;
  readonly form: TaxForm | null;
  /** YYYY-MM-DD. */
  readonly expiresOn: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export interface Details {
  readonly tax: TaxInterview;
  readonly bank: BankDetails;
}

/** What a change touches: who the publisher is, where money goes, or neither. */
export type Weight = 'identity' | 'payment' | 'none';
