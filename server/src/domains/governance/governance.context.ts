import type { Invoice } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import type { Platform } from '../../platform/platform.ts';
import { peopleWithRoles } from '../accounts/index.ts';
import type { RuleBook, Wanted } from './governance.ts';

export type GovernancePlatform = Pick<Platform, 'db' | 'clock' | 'events' | 'authorizer'>;

export interface GovernanceNeeds {
  /** The invoice of a month, as billing computes it; of the current month without one. */
  invoice(accountId: string, month?: string): Promise<Invoice>;
  /** What the caller sees of a product, with one of its plans; refuses with `catalog.missing` or `subscription.plan_missing`. */
  wanted(
    caller: Caller,
    publisher: string,
    product: string,
    planId: string,
  ): Promise<Wanted & { productId: string }>;
  /** The product's id, where the caller sees it. */
  productId(caller: Caller, publisher: string, product: string): Promise<string | undefined>;
  /** The publisher's account, where the caller sees anything of it. */
  publisherAccountId(caller: Caller, publisher: string): Promise<string | undefined>;
}

const admins = 3;

export function newGovernanceContext({ db, clock, authorizer }: GovernancePlatform, needs: GovernanceNeeds) {
  return {
    ...needs,
    now: () => clock.now(),
    month: () => clock.now().toISOString().slice(0, 7),
    isAdmin: (caller: Member) => authorizer.may(caller, 'governance:manage'),
    /** Whom to ask: what the rules say, else the first admins. */
    async ask(accountId: string, book: RuleBook): Promise<string> {
      if (book.contact) return book.contact;
      const people = await peopleWithRoles(db, { id: accountId }, ['admin']);
      return people.length === 0
        ? 'an admin of your account'
        : people
            .slice(0, admins)
            .map((p) => p.email)
            .join(', ');
    },
  };
}
export type GovernanceContext = ReturnType<typeof newGovernanceContext>;
