import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { Effect, Facts, Rule, RuleBook, SubscriptionFacts } from './governance.ts';

/** `share` keeps the rules as they are until the transaction that asked has ended. */
export async function findBook(db: Db, accountId: string, share = false): Promise<RuleBook | undefined> {
  const book = await row<Omit<RuleBook, 'rules'>>(
    db,
    sql`select version, default_effect as default, contact, updated_by as "updatedBy", updated_at as "updatedAt" from governance
      where account_id = ${accountId} ${share ? sql`for share` : sql``}`,
  );
  return book && { ...book, rules: await rulesOf(db, accountId) };
}

const rulesOf = (db: Db, accountId: string) =>
  rows<Rule>(
    db,
    sql`select r.kind, r.subject, r.effect, r.note, case r.kind
        when 'product' then coalesce((select b.slug || '/' || p.slug from products p join publishers b on b.account_id = p.account_id where p.id = r.subject), r.subject)
        when 'publisher' then coalesce((select b.slug from publishers b where b.account_id = r.subject), r.subject)
        else r.subject end as value
      from governance_rules r where r.account_id = ${accountId} order by r.position`,
  );

/** False when the rules are no longer at the version that was read. */
export async function putBook(
  tx: Tx,
  accountId: string,
  version: number,
  given: { default: Effect; contact: string; by: string; at: Date },
  rules: readonly Omit<Rule, 'value'>[],
): Promise<boolean> {
  const moved = await changed(
    tx,
    version === 0
      ? sql`insert into governance (account_id, version, default_effect, contact, updated_by, updated_at)
          values (${accountId}, 1, ${given.default}, ${given.contact}, ${given.by}, ${given.at}) on conflict do nothing`
      : sql`update governance set version = version + 1, default_effect = ${given.default}, contact = ${given.contact}, updated_by = ${given.by},
          updated_at = ${given.at} where account_id = ${accountId} and version = ${version}`,
  );
  if (!moved) return false;
  await sql`delete from governance_rules where account_id = ${accountId}`.execute(tx);
  if (rules.length > 0)
    await sql`insert into governance_rules (account_id, kind, subject, effect, note, position)
      select ${accountId}, * from unnest(${rules.map((r) => r.kind)}::text[], ${rules.map((r) => r.subject)}::text[], ${rules.map((r) => r.effect)}::text[],
        ${rules.map((r) => r.note)}::text[]) with ordinality`.execute(tx);
  return true;
}

export const productFacts = (db: Db, productId: string) =>
  row<Pick<Facts, 'publisherAccountId' | 'type'>>(
    db,
    sql`select account_id as "publisherAccountId", type from products where id = ${productId}`,
  );

/** Everything that the account ever subscribed to: what was spent outlives a subscription. */
export const subscriptionsOf = (db: Db, accountId: string) =>
  rows<SubscriptionFacts>(
    db,
    sql`select s.id, s.product_id as "productId", p.account_id as "publisherAccountId", p.type, b.slug as publisher, p.slug as product,
      coalesce(r.document -> 'listing' ->> 'title', p.slug) as title,
      coalesce(array(select jsonb_array_elements_text(case jsonb_typeof(r.document -> 'listing' -> 'categories') when 'array' then r.document -> 'listing' -> 'categories' else '[]' end)), '{}') as categories,
      s.plan, s.state, s.accepted_by as member, c.label as "costCentre", s.accepted_at as since,
      exists (select from subscription_holds h where h.subscription_id = s.id and h.code = 'budget.exceeded') as stopped
    from subscriptions s join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
      join revisions r on r.id = coalesce(p.live_revision_id, s.revision_id) left join cost_centres c on c.subscription_id = s.id
    where s.account_id = ${accountId} order by s.id desc`,
  );

export const setCostCentre = (tx: Tx, accountId: string, subscriptionId: string, label: string | null) =>
  label === null
    ? sql`delete from cost_centres where subscription_id = ${subscriptionId}`.execute(tx)
    : sql`insert into cost_centres (subscription_id, label) select id, ${label} from subscriptions where id = ${subscriptionId} and account_id = ${accountId}
        on conflict (subscription_id) do update set label = excluded.label`.execute(tx);

export const ownsSubscription = async (db: Db, accountId: string, subscriptionId: string): Promise<boolean> =>
  (await row(
    db,
    sql`select 1 from subscriptions where id = ${subscriptionId} and account_id = ${accountId}`,
  )) !== undefined;

export const memberEmail = async (db: Db, accountId: string, email: string): Promise<string | undefined> =>
  (
    await row<{ email: string }>(
      db,
      sql`select u.email from members m join auth_users u on u.id = m.person_id where m.account_id = ${accountId} and lower(u.email) = lower(${email})`,
    )
  )?.email;
