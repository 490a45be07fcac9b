import type { Budget } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { BudgetRow } from './governance.ts';

const columns = sql`g.id, g.scope, g.subject, case g.scope when 'account' then null
    when 'product' then coalesce((select b.slug || '/' || p.slug from products p join publishers b on b.account_id = p.account_id where p.id = g.subject), g.subject)
    else g.subject end as name,
  trim_scale(g.amount)::text as amount, g.currency, g.warn_at as "warnAt", g.hard_stop as "hardStop", g.created_by as "createdBy", g.created_at as "createdAt"`;

export const listBudgets = (db: Db, accountId: string) =>
  rows<BudgetRow>(db, sql`select ${columns} from budgets g where g.account_id = ${accountId} order by g.id`);

export const accountsWithBudgets = (db: Db) =>
  rows<{ id: string }>(db, sql`select distinct account_id as id from budgets order by 1`);

export async function insertBudget(
  tx: Tx,
  b: {
    id: string;
    accountId: string;
    scope: Budget['scope'];
    subject: string;
    amount: string;
    currency: string;
    warnAt: readonly number[];
    hardStop: boolean;
    by: string;
    at: Date;
  },
): Promise<void> {
  await sql`insert into budgets (id, account_id, scope, subject, amount, currency, warn_at, hard_stop, created_by, created_at)
    values (${b.id}, ${b.accountId}, ${b.scope}, ${b.subject}, ${b.amount}::numeric, ${b.currency}, ${[...b.warnAt]}::int[], ${b.hardStop}, ${b.by}, ${b.at})`.execute(
    tx,
  );
}

export const updateBudget = (
  tx: Tx,
  id: string,
  b: { amount: string; warnAt: readonly number[]; hardStop: boolean },
) =>
  changed(
    tx,
    sql`update budgets set amount = ${b.amount}::numeric, warn_at = ${[...b.warnAt]}::int[], hard_stop = ${b.hardStop} where id = ${id}`,
  );

export const removeBudget = (tx: Tx, accountId: string, id: string) =>
  changed(tx, sql`delete from budgets where id = ${id} and account_id = ${accountId}`);

/** One evaluation of an account at a time: two would decide from different sums. Held until the transaction ends. */
export const lockBudgets = (tx: Tx, accountId: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended('budgets:' || ${accountId}, 0))`.execute(tx);

/** True the first time in a month that this threshold of this amount is told. */
export const isNews = async (
  tx: Tx,
  n: { budgetId: string; month: string; amount: string; threshold: number },
): Promise<boolean> =>
  (await changed(
    tx,
    sql`insert into budget_notices (budget_id, month, amount, threshold) values (${n.budgetId}, ${n.month}, ${n.amount}::numeric, ${n.threshold}) on conflict do nothing`,
  )) > 0;

export const setStopped = (tx: Tx, id: string, month: string | null) =>
  changed(
    tx,
    sql`update budgets set stopped_month = ${month} where id = ${id} and stopped_month is distinct from ${month}`,
  );

/** A budget that is spent for this month and counts what somebody wants to subscribe to. */
export const stoppingBudget = (
  db: Db,
  w: { accountId: string; productId: string; member: string; currency: string; month: string },
) =>
  row<BudgetRow>(
    db,
    sql`select ${columns} from budgets g where g.account_id = ${w.accountId} and g.currency = ${w.currency} and g.stopped_month = ${w.month}
      and (g.scope = 'account' or g.subject = case g.scope when 'product' then ${w.productId} else ${w.member} end) limit 1`,
  );
