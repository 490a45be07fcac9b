import { feedbackLimits } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { fail, SoukError } from '../../platform/errors.ts';
import { type Limit, newLimiter } from '../../platform/limiter.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AboutProduct } from './feedback.ts';

export interface FeedbackNeeds {
  /** What the caller sees of a live product; refuses with `catalog.missing` where it sees none. */
  product(caller: Caller, publisher: string, product: string): Promise<AboutProduct>;
  ownsProduct(accountId: string, productId: string): Promise<boolean>;
}

export type FeedbackPlatform = Pick<Platform, 'db' | 'clock' | 'events'>;

/** What reviews, questions and their moderation share: who may see what they are about, and how much one person may write. */
export function newFeedbackContext({ clock }: FeedbackPlatform, needs: FeedbackNeeds) {
  const limiter = newLimiter(() => clock.now().getTime());
  const writes: Limit = { name: 'feedback', attempts: feedbackLimits.writesPerHour, periodMs: 3_600_000 };
  return {
    ...needs,
    now: () => clock.now(),
    /** Counts one text of this person. */
    takeWrite(caller: Member): void {
      const seconds = limiter.take(writes, caller.personId);
      if (seconds > 0) fail('request.limited', { seconds });
    },
    async sees(caller: Caller, publisher: string, product: string): Promise<boolean> {
      try {
        await needs.product(caller, publisher, product);
        return true;
      } catch (error) {
        if (error instanceof SoukError && error.code === 'catalog.missing') return false;
        throw error;
      }
    },
  };
}
export type FeedbackContext = ReturnType<typeof newFeedbackContext>;
