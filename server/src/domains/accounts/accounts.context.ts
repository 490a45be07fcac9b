import type { Caller } from '../../platform/authorize.ts';
import type { Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { type Limit, type Limiter, networkOf } from '../../platform/limiter.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';

/** What the parts of this domain share. */
export interface Context {
  readonly platform: Platform;
  readonly limiter: Limiter;
  readonly signUpPolicy: () => Promise<'open' | 'invitation'>;
  /** Credentials that were believed a moment ago are read again. */
  readonly forget: () => void;
}

/** Where a request comes from. */
export interface Origin {
  readonly ip: string;
  readonly userAgent: string;
}

/** Tells the outbox and the audit log, the last words of a transaction. */
export async function tell(
  { platform }: Context,
  tx: Tx,
  by: Caller | `system:${string}`,
  action: string,
  target: string,
  details: Record<string, unknown> = {},
  accountId: string | null = typeof by === 'string' ? null : by.accountId,
): Promise<void> {
  await platform.events.publish(tx, { type: action, subject: target, accountId, data: details });
  await audit(tx, by, action, target, details, { accountId });
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Generous for people, tight for machines. A right password is given back, so an office behind one address is not locked out. */
export const limits = {
  signInFrom: { name: 'sign-in-from', attempts: 30, periodMs: 10 * minuteMs },
  signInTo: { name: 'sign-in-to', attempts: 10, periodMs: 15 * minuteMs },
  // From everywhere: higher, so that a stranger cannot easily lock somebody out, yet no botnet guesses through a dictionary.
  signInToFromAnywhere: { name: 'sign-in-anywhere', attempts: 100, periodMs: hourMs },
  signUpFrom: { name: 'sign-up-from', attempts: 60, periodMs: hourMs },
  resetTo: { name: 'reset-to', attempts: 5, periodMs: hourMs },
  resetFrom: { name: 'reset-from', attempts: 30, periodMs: hourMs },
  invitations: { name: 'invitations', attempts: 100, periodMs: 24 * hourMs },
  accounts: { name: 'accounts', attempts: 20, periodMs: 24 * hourMs },
} as const satisfies Record<string, Limit>;

/** Counts an attempt against each limit, or refuses. Answers how to take it back. */
export function limited(
  { limiter }: Pick<Context, 'limiter'>,
  counts: readonly (readonly [Limit, string])[],
): () => void {
  for (const [limit, key] of counts) {
    const seconds = limiter.take(limit, key);
    if (seconds > 0) fail('request.limited', { seconds });
  }
  return () => {
    for (const [limit, key] of counts) limiter.giveBack(limit, key);
  };
}

export const fromNetwork = ({ ip }: Origin): string => networkOf(ip);
