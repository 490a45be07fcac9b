import type { Role } from '@souk/contract';
import type { Member } from '../src/platform/authorize.ts';
import { sql } from '../src/platform/db.ts';
import type { GivenProduct } from './catalog.ts';
import { testSubscribing } from './subscribing.ts';

/** An account with an admin, a buyer and somebody for the money, and a publisher with a free and a priced product. */
export async function testGoverning() {
  const market = await testSubscribing();
  const { db } = market;
  const seller = await market.member();
  const admin = await market.member(['admin']);
  let people = 0;
  async function member(roles: readonly Role[], of: Member = admin): Promise<Member> {
    const personId = `person-${++people}-${of.accountId}`;
    const email = `member${people}@example.com`;
    await joins({ ...of, personId, email, roles });
    return { ...of, personId, email, roles };
  }
  async function joins(who: Member): Promise<void> {
    await sql`insert into auth_users (id, name, email) values (${who.personId}, ${who.email}, ${who.email})`.execute(
      db,
    );
    await sql`insert into members (account_id, person_id, roles) values (${who.accountId}, ${who.personId}, ${[...who.roles]}::text[])`.execute(
      db,
    );
  }
  await joins(admin);
  const plan = (currency: string) => ({
    id: 'pay',
    name: 'Pay',
    currency,
    parts: [{ kind: 'usage' as const, dimension: 'inference.count', pricePerUnit: '0.01' }],
  });
  let made = 0;
  async function product(more: Partial<GivenProduct> = {}) {
    const given = {
      accountId: seller.accountId,
      publisher: 'botany',
      slug: `iris-${++made}`,
      title: `Iris ${made}`,
      plans: [{ id: 'free', name: 'Free', currency: 'USD', parts: [] }, plan('USD')],
      ...more,
    };
    const { productId } = await market.release(given);
    const news = {
      id: 1,
      type: 'submission.released',
      subject: productId,
      accountId: null,
      data: {},
      at: new Date(),
    };
    await market.catalog.subscriber.handle(news);
    return { ...given, productId, name: `${given.publisher}/${given.slug}` };
  }
  return {
    ...market,
    seller,
    admin,
    newMember: member,
    joins,
    plan,
    product,
    /** Calls answered in an hour, as a gateway hands them in. */
    calls: (subscriptionId: string, quantity: number, hour: string) =>
      sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${subscriptionId}, 'inference.count', ${hour}::timestamptz, ${quantity})
        on conflict (subscription_id, dimension, hour, invoiced_from) do update set quantity = usage_records.quantity + excluded.quantity`.execute(
        db,
      ),
  };
}
