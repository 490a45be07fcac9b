import type { Role } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ApiKeyRow } from './accounts.ts';

const columns = sql`k.id, k.account_id as "accountId", k.person_id as "personId", k.name, k.hint, k.scopes, k.abilities,
  (select jsonb_agg(jsonb_build_object('id', l.id, 'slug', p.slug) order by p.slug, l.id)
    from unnest(k.products) as l (id) left join products p on p.id = l.id and p.account_id = k.account_id) as products, u.email as "createdBy",
  k.created_at as "createdAt", k.expires_at as "expiresAt", k.revoked_at as "revokedAt", k.last_used_at as "lastUsedAt",
  k.replaced_by as "replacedById", (select jsonb_build_object('id', r.id, 'hint', r.hint) from api_keys r where r.id = k.replaced_by and r.revoked_at is null) as "replacedBy",
  k.leaked_at as "leakedAt", k.leaked_where as "leakedWhere"`;
const joined = sql`api_keys k join auth_users u on u.id = k.person_id`;

export const insertKey = (
  tx: Tx,
  k: {
    id: string;
    accountId: string;
    personId: string;
    name: string;
    keySha256: string;
    hint: string;
    scopes: readonly string[];
    products: readonly string[] | null;
    abilities: readonly string[];
    expiresAt: Date | null;
  },
) =>
  sql`insert into api_keys (id, account_id, person_id, name, key_sha256, hint, scopes, products, abilities, expires_at)
      values (${k.id}, ${k.accountId}, ${k.personId}, ${k.name}, ${k.keySha256}, ${k.hint}, ${[...k.scopes]}::text[],
        ${k.products && [...k.products]}::text[], ${[...k.abilities]}::text[], ${k.expiresAt})`.execute(tx);

/** Own products by id or by name. */
export const findOwnProducts = (db: Db, accountId: string, given: readonly string[]) =>
  rows<{ id: string; slug: string }>(
    db,
    sql`select id, slug from products where account_id = ${accountId} and (id = any (${[...given]}::text[]) or slug = any (${[...given]}::text[]))`,
  );

export const listKeys = (db: Db, accountId: string) =>
  rows<ApiKeyRow>(
    db,
    sql`select ${columns} from ${joined} where k.account_id = ${accountId} order by k.id desc limit 500`,
  );

export const findKey = (db: Db, accountId: string, id: string) =>
  row<ApiKeyRow>(
    db,
    sql`select ${columns} from ${joined} where k.account_id = ${accountId} and k.id = ${id}`,
  );

export interface UsableKeyRow extends ApiKeyRow {
  /** What the key's creator may do in the account now; null when the creator is no longer a member. */
  readonly roles: Role[] | null;
  readonly withheld: string[] | null;
}

export const findKeyByHash = (db: Db, keySha256: string) =>
  row<UsableKeyRow>(
    db,
    sql`select ${columns}, m.roles, m.withheld from ${joined} left join members m on m.account_id = k.account_id and m.person_id = k.person_id
        where k.key_sha256 = ${keySha256}`,
  );

export const revokeKey = (tx: Tx, id: string) =>
  changed(tx, sql`update api_keys set revoked_at = now() where id = ${id} and revoked_at is null`);

/** False when another rotation, or a revocation, was quicker: then there is a key in its place that this one does not know of. */
export const replaceKey = (tx: Tx, key: ApiKeyRow, by: string, until: Date) =>
  changed(
    tx,
    sql`update api_keys set replaced_by = ${by}, expires_at = least(expires_at, ${until}) where id = ${key.id} and revoked_at is null
        and replaced_by is not distinct from ${key.replacedById}`,
  );

/** Revokes the key for having leaked; undefined where there is none, or it opened nothing any more. */
export const leakKey = (tx: Tx, keySha256: string, where: string | null, now: Date) =>
  row<{ id: string; accountId: string }>(
    tx,
    sql`update api_keys set revoked_at = ${now}, leaked_at = ${now}, leaked_where = ${where}
        where key_sha256 = ${keySha256} and revoked_at is null and (expires_at is null or expires_at > ${now})
        returning id, account_id as "accountId"`,
  );

export const revokeKeysOfPerson = (tx: Tx, personId: string) =>
  changed(
    tx,
    sql`update api_keys set revoked_at = now() where person_id = ${personId} and revoked_at is null`,
  );

/** At most once a minute, however many nodes use the key. */
export const touchKey = (db: Db, id: string) =>
  sql`update api_keys set last_used_at = now()
      where id = ${id} and (last_used_at is null or last_used_at < now() - interval '1 minute')`.execute(db);
