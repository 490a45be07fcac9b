import type { Clock } from '../../platform/clock.ts';
import { fail } from '../../platform/errors.ts';
import { type Limit, networkOf, newLimiter } from '../../platform/limiter.ts';
import { cleanPlace, trimmedKey } from './leaks.rules.ts';
import type { Revoker } from './leaks.ts';

const hourMs = 3600_000;
/** Enough for somebody who found a heap of them; reports cost a look into the database each. */
const reports: Limit = { name: 'leak-reports', attempts: 120, periodMs: hourMs };

const message =
  'Thank you. If the key is one of this marketplace and still works, it is revoked now and its owner is told.';

export type Leaks = ReturnType<typeof newLeaks>;

export function newLeaks({ clock }: { readonly clock: Clock }, revokers: readonly Revoker[]) {
  const limiter = newLimiter(() => clock.now().getTime());
  return {
    /** Answers in the same words for every whole key, known or not: a report must not be a way to try keys out. */
    async report(given: { key: string; where?: string }, ip: string): Promise<{ message: string }> {
      const seconds = limiter.take(reports, networkOf(ip));
      if (seconds > 0) fail('request.limited', { seconds });
      const key = trimmedKey(given.key);
      const recognised = revokers.filter((r) => r.recognises(key));
      if (recognised.length === 0) fail('leak.key_malformed');
      const where = cleanPlace(given.where);
      for (const revoker of recognised) await revoker.revoke(key, where);
      return { message };
    },
  };
}
