import { type Db, row, rows, sql } from '../../platform/db.ts';

type Rows = Record<string, unknown>[];

export const subscription = (db: Db, accountId: string, id: string) =>
  row<{
    subscription: Record<string, unknown>;
    acceptedBy: string;
    acceptedAt: Date;
    endedAt: Date | null;
    plan: unknown;
    eulaSha256: string;
    eula: string;
    refundPolicy: string;
  }>(
    db,
    sql`select jsonb_build_object('id', s.id, 'product', b.slug || '/' || p.slug, 'productId', p.id, 'title', r.document -> 'listing' ->> 'title', 'publisher', b.display_name,
        'state', s.state, 'planId', s.plan_id, 'version', s.version, 'revision', r.number, 'endedAt', s.ended_at) as subscription,
      s.accepted_by as "acceptedBy", s.accepted_at as "acceptedAt", s.ended_at as "endedAt", s.plan, s.eula_sha256 as "eulaSha256",
      coalesce(r.document -> 'terms' ->> 'eula', '') as eula, coalesce(r.document -> 'terms' ->> 'refundPolicy', '') as "refundPolicy"
    from subscriptions s join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id join revisions r on r.id = s.revision_id
    where s.id = ${id} and s.account_id = ${accountId}`,
  );

export const historyOf = (db: Db, id: string): Promise<Rows> =>
  rows(
    db,
    sql`select event, from_state as "from", to_state as "to", actor, details, at from subscription_history where subscription_id = ${id} order by id`,
  );

export const usageOf = (db: Db, id: string): Promise<Rows> =>
  rows(
    db,
    sql`select hour, dimension, quantity, client_errors as "clientErrors", server_errors as "serverErrors", nullif(invoiced_from, '-infinity') as "invoicedFrom"
      from usage_records where subscription_id = ${id} order by hour, dimension`,
  );

export const product = (db: Db, accountId: string, id: string) =>
  row<{ product: Record<string, unknown>; draft: unknown }>(
    db,
    sql`select jsonb_build_object('id', p.id, 'name', b.slug || '/' || p.slug, 'type', p.type, 'createdBy', p.created_by, 'createdAt', p.created_at,
        'testAccounts', p.test_accounts, 'liveRevision', (select number from revisions where id = p.live_revision_id)) as product, p.draft
      from products p join publishers b on b.account_id = p.account_id where p.id = ${id} and p.account_id = ${accountId}`,
  );

export const revisionsOf = (db: Db, id: string): Promise<Rows> =>
  rows(
    db,
    sql`select number, sha256, document, statement, signed_at as "signedAt", created_by as "createdBy", created_at as "createdAt" from revisions
      where product_id = ${id} order by number`,
  );

export const versionsOf = (db: Db, id: string): Promise<Rows> =>
  rows(
    db,
    sql`select number, model_package_id as "modelPackageId", package_sha256 as "packageSha256", package_size_bytes as "packageSizeBytes", bom, measured, evidence,
      released_at as "releasedAt" from product_versions where product_id = ${id} order by created_at, number`,
  );

export const submissionsOf = (db: Db, id: string): Promise<Rows> =>
  rows(
    db,
    sql`select s.id, r.number as revision, s.state, s.stage, s.submitted_by as "submittedBy", s.submitted_at as "submittedAt", s.ended_at as "endedAt"
      from submissions s join revisions r on r.id = s.revision_id where s.product_id = ${id} order by s.submitted_at`,
  );

/** What the customers page shows of them, for all time. */
export const customersOf = (db: Db, id: string): Promise<Rows> =>
  rows(
    db,
    sql`select s.id as "subscriptionId", s.account_id as "accountId", a.name as "accountName", s.plan_id as "planId", s.version, s.state, s.accepted_at as since, s.ended_at as "endedAt",
      coalesce((select sum(u.quantity) from usage_records u where u.subscription_id = s.id and u.dimension = 'inference.count'), 0)::bigint as units,
      coalesce((select sum(u.quantity) from usage_records u where u.subscription_id = s.id and u.dimension <> 'inference.count'), 0)::bigint as "instanceSeconds"
    from subscriptions s join accounts a on a.id = s.account_id where s.product_id = ${id} order by s.accepted_at`,
  );
