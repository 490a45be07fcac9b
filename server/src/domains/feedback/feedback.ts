import type { Question } from '@souk/contract';

/** A product as its reader sees it: what a review or a question is about. */
export interface AboutProduct {
  readonly productId: string;
  readonly accountId: string;
  readonly title: string;
  /** Versions that the reader may choose, and the one that a new subscriber gets. */
  readonly choosable: readonly string[];
  readonly latest: string;
}

export interface ReviewRow {
  readonly id: string;
  readonly productId: string;
  readonly publisherAccountId: string;
  readonly publisher: string;
  readonly product: string;
  readonly productTitle: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly rating: number;
  readonly title: string;
  readonly text: string;
  readonly version: string;
  readonly showName: boolean;
  readonly writtenBy: string;
  readonly createdAt: Date;
  readonly editedAt: Date | null;
  readonly reply: string | null;
  readonly replyBy: string | null;
  readonly replyAt: Date | null;
  readonly replyEditedAt: Date | null;
  readonly hiddenAt: Date | null;
  readonly hiddenReason: string | null;
}

/** What decides whether an account may review a product. */
export interface Standing {
  readonly insider: boolean;
  readonly used: number;
  /** The version that its subscription calls. */
  readonly version: string | null;
}

export type QuestionState = Question['state'];
export type QuestionEvent = 'asked-on' | 'answered' | 'closed';

/** Data, so that a test walks every state and event. A closed question stays closed: the thread ends somewhere. */
export const transitions: Readonly<Record<QuestionState, Partial<Record<QuestionEvent, QuestionState>>>> = {
  open: { 'asked-on': 'open', answered: 'answered', closed: 'closed' },
  answered: { 'asked-on': 'open', answered: 'answered', closed: 'closed' },
  closed: {},
};

export interface QuestionRow {
  readonly id: string;
  readonly productId: string;
  readonly publisherAccountId: string;
  readonly publisher: string;
  readonly publisherName: string;
  readonly product: string;
  readonly productTitle: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly personId: string;
  readonly askedBy: string;
  readonly title: string;
  readonly state: QuestionState;
  readonly mayPublish: boolean;
  readonly public: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly closedAt: Date | null;
  readonly hiddenAt: Date | null;
  readonly hiddenReason: string | null;
  readonly messages: readonly {
    readonly side: 'asker' | 'publisher';
    readonly by: string;
    readonly text: string;
    readonly at: string;
  }[];
}
