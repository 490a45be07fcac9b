import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import type { BodyOf, Plan, PlanCode, planOperations } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { type Limit, newLimiter } from '../../platform/limiter.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import * as store from './plans.codes.sql.ts';

/** Wrong ones only: a right code was not a guess. */
const guesses: Limit = { name: 'plan-codes', attempts: 10, periodMs: 3_600_000 };

// Without what is easily read as another character.
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const newCode = () =>
  Array.from({ length: 3 }, () =>
    Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join(''),
  ).join('-');

/** As people copy codes: with blanks around them, and in small letters. */
const spelled = (code: string) => code.trim().normalize('NFKC').toUpperCase();

export type PlanCodes = ReturnType<typeof newPlanCodes>;

export function newPlanCodes({ db, clock, keys }: Pick<Platform, 'db' | 'clock' | 'keys'>) {
  const limiter = newLimiter(() => clock.now().getTime());
  const today = () => clock.now().toISOString().slice(0, 10);
  /** Keyed, so that short codes cannot be guessed from a copy of the database; bound to its product. */
  const digestOf = (productId: string, code: string) =>
    createHmac('sha256', keys.seal)
      .update(`plan_codes\n${productId}\n${spelled(code)}`)
      .digest();

  const stateOf = (c: store.CodeRow): PlanCode['state'] =>
    c.lastDay !== null && c.lastDay < today()
      ? 'expired'
      : c.usesMax !== null && c.uses >= c.usesMax
        ? 'used-up'
        : 'open';

  const view = ({ digest: _, ...c }: store.CodeRow): PlanCode => ({
    ...c,
    madeAt: c.madeAt.toISOString(),
    state: stateOf({ digest: _, ...c }),
  });

  async function ownProduct(caller: Member, productId: string) {
    return (
      (await store.product(db, caller.accountId, productId)) ??
      fail('product.missing', { product: productId })
    );
  }

  /** The code of the product that this is, usable now; refuses with what stands in its way, and counts wrong ones. */
  async function check(
    caller: Caller,
    productId: string,
    name: string,
    code: string,
  ): Promise<store.CodeRow> {
    const who = caller.accountId ?? 'visitor';
    const seconds = limiter.take(guesses, who);
    if (seconds > 0) fail('plan.code_tries', { seconds });
    const digest = digestOf(productId, code);
    let found: store.CodeRow | undefined;
    // All are compared, in constant time each: how long it takes says nothing about how near it was.
    for (const c of await store.ofProduct(db, productId)) if (timingSafeEqual(c.digest, digest)) found = c;
    if (!found) return fail('plan.code_wrong', { product: name });
    limiter.giveBack(guesses, who);
    const state = stateOf(found);
    if (state === 'expired') fail('plan.code_expired', { lastDay: found.lastDay ?? '' });
    if (state === 'used-up') fail('plan.code_used_up');
    return found;
  }

  async function create(
    caller: Member,
    productId: string,
    given: BodyOf<typeof planOperations.createPlanCode>,
  ): Promise<{ code: string; made: PlanCode }> {
    const { slug, planIds } = await ownProduct(caller, productId);
    if (!planIds.includes(given.planId)) fail('plan.missing', { planId: given.planId });
    const code = given.code === undefined ? newCode() : spelled(given.code);
    const id = newId('cod');
    try {
      const made = await inTx(db, async (tx) => {
        const row = await store.insert(tx, {
          id,
          productId,
          planId: given.planId,
          digest: digestOf(productId, code),
          hint: code.slice(-2),
          label: given.label ?? '',
          lastDay: given.lastDay ?? null,
          usesMax: given.usesMax ?? null,
          madeBy: caller.email,
          madeAt: clock.now(),
        });
        await audit(tx, caller, 'plan-code.made', id, { product: slug, planId: given.planId });
        return row;
      });
      return { code, made: view(made ?? fail('plan.code_missing', { codeId: id })) };
    } catch (error) {
      if (violated(error) === 'plan_codes_digest') fail('plan.code_exists');
      throw error;
    }
  }

  return {
    check,
    create,
    list: async (caller: Member, productId: string) => {
      await ownProduct(caller, productId);
      return { items: (await store.ofProduct(db, productId)).map(view) };
    },
    end: async (caller: Member, productId: string, id: string): Promise<void> => {
      const { slug } = await ownProduct(caller, productId);
      await inTx(db, async (tx) => {
        if (!(await store.end(tx, productId, id, caller.email, clock.now())))
          fail('plan.code_missing', { codeId: id });
        await audit(tx, caller, 'plan-code.ended', id, { product: slug });
      });
    },
    /** Counts one use, in the transaction that makes or changes a subscription. */
    async use(tx: Tx, code: store.CodeRow): Promise<void> {
      if (!(await store.use(tx, code.id, today()))) fail('plan.code_used_up');
    },
    /** Which of a product's plans this code opens. */
    opened: (plans: readonly Plan[], code: store.CodeRow): Plan[] =>
      plans.filter((p) => p.id === code.planId && p.promotionCode),
  };
}
