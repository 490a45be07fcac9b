import type pg from 'pg';
import { hashApiKey, newApiKey } from '../src/platform/api-keys.ts';

/** A market of one product, written as rows: for tests and measurements that begin where publishing has ended. */
export interface SmallMarket {
  readonly publisher: string;
  readonly product: string;
  readonly productId: string;
  readonly version: string;
  readonly modelName: string;
  readonly buyerAccountId: string;
  readonly subscriptionId: string;
  readonly keyId: string;
  readonly apiKey: string;
}

export interface SmallMarketOptions {
  readonly addresses: readonly ({ unix: string } | { url: string })[];
  readonly unitsPerMonth?: number;
  readonly callsAtOnce?: number;
  /** Told apart, so that several can live in one database. */
  readonly number?: number;
  /** The buyer of another market buys here too, with the same key. */
  readonly buyerOf?: SmallMarket;
}

const sha256 = '0'.repeat(64);

export async function insertMarket(pool: pg.Pool, options: SmallMarketOptions): Promise<SmallMarket> {
  const n = options.number ?? 1;
  const [seller, buyer] = [
    String(100_000_000_000 + n),
    options.buyerOf?.buyerAccountId ?? String(200_000_000_000 + n),
  ];
  const market: SmallMarket = {
    publisher: `flowers-${n}`,
    product: 'iris-classifier',
    productId: `prd_${n}`,
    version: '1.0.0',
    modelName: 'iris',
    buyerAccountId: buyer,
    subscriptionId: `sub_${n}`,
    keyId: options.buyerOf?.keyId ?? `key_${n}`,
    apiKey: options.buyerOf?.apiKey ?? newApiKey(),
  };
  const plan = {
    ...(options.unitsPerMonth === undefined ? {} : { quota: { unitsPerMonth: options.unitsPerMonth } }),
    ...(options.callsAtOnce === undefined ? {} : { callsAtOnce: options.callsAtOnce }),
  };
  const document = { versions: [{ number: market.version, state: 'listed' }] };
  const run = (text: string, values: unknown[]) => pool.query(text, values);
  await run('insert into accounts (id, name) values ($1, $1)', [seller]);
  if (!options.buyerOf) await insertBuyer(run, market, n);
  await run('insert into publishers (account_id, slug, display_name) values ($1, $2, $2)', [
    seller,
    market.publisher,
  ]);
  await run(
    `insert into products (id, account_id, slug, type, draft, draft_sha256, created_by) values ($1, $2, $3, 'model-package', '{}', $4, 'test')`,
    [market.productId, seller, market.product, sha256],
  );
  await run(
    `insert into revisions (id, product_id, number, document, sha256, created_by) values ($1, $2, 1, $3, $4, 'test')`,
    [`rev_${n}`, market.productId, JSON.stringify(document), sha256],
  );
  await run('update products set live_revision_id = $2 where id = $1', [market.productId, `rev_${n}`]);
  const servable = JSON.stringify({
    kind: 'onnx',
    packageSha256: sha256,
    modelName: market.modelName,
    batching: null,
  });
  await run(
    `insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, resource, bom, servable) values ($1, $2, 'mpk_1', $3, 1, $4, '{}', '{}', $5)`,
    [market.productId, market.version, sha256, market.modelName, servable],
  );
  await run(
    `insert into instance_types (name, cpus, memory_mb, backend, price_per_hour, currency) values ('test', 1, 512, 'onnx', 0, 'USD') on conflict do nothing`,
    [],
  );
  await run(
    `insert into deployments (id, product_id, version, package_sha256, servable, model_name, backend, instance_type, state, addresses) values ($1, $2, $3, $4, $7, $5, 'onnx', 'test', 'ready', $6)`,
    [
      `dep_${n}`,
      market.productId,
      market.version,
      sha256,
      market.modelName,
      JSON.stringify(options.addresses),
      servable,
    ],
  );
  await run(
    `insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, state, eula_sha256, accepted_by) values ($1, $2, $3, $4, $5, 'plan', 'live', $6, 'active', $7, 'test')`,
    [
      market.subscriptionId,
      buyer,
      market.productId,
      `rev_${n}`,
      JSON.stringify(plan),
      market.version,
      sha256,
    ],
  );
  return market;
}

type Run = (text: string, values: unknown[]) => Promise<unknown>;

async function insertBuyer(run: Run, market: SmallMarket, n: number) {
  const buyer = market.buyerAccountId;
  await run('insert into accounts (id, name) values ($1, $1)', [buyer]);
  await run('insert into auth_users (id, name, email) values ($1, $1, $2)', [
    `usr_${n}`,
    `buyer-${n}@example.com`,
  ]);
  await run(`insert into members (account_id, person_id, roles) values ($1, $2, '{buyer}')`, [
    buyer,
    `usr_${n}`,
  ]);
  await run(
    `insert into api_keys (id, account_id, person_id, name, key_sha256, hint, scopes) values ($1, $2, $3, 'test', $4, 'test', '{call}')`,
    [market.keyId, buyer, `usr_${n}`, hashApiKey(market.apiKey)],
  );
}

/** As many more accounts, each with a key and a subscription to the product. Returns the subscriptions' ids. */
export async function insertBuyers(pool: pg.Pool, market: SmallMarket, count: number): Promise<string[]> {
  const each = `generate_series(1, ${count}) n, lpad(n::text, 11, '0') id`;
  await pool.query(`insert into accounts (id, name) select '3' || id, id from ${each}`);
  await pool.query(
    `insert into auth_users (id, name, email) select 'many_' || id, id, id || '@example.com' from ${each}`,
  );
  await pool.query(
    `insert into members (account_id, person_id, roles) select '3' || id, 'many_' || id, '{buyer}' from ${each}`,
  );
  await pool.query(
    `insert into api_keys (id, account_id, person_id, name, key_sha256, hint, scopes)
     select 'many_' || id, '3' || id, 'many_' || id, 'test', encode(sha256(id::bytea), 'hex'), 'test', '{call}' from ${each}`,
  );
  const { rows } = await pool.query<{ id: string }>(
    `insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, state, eula_sha256, accepted_by)
     select 'many_' || e.id, '3' || e.id, s.product_id, s.revision_id, s.plan, s.plan_id, s.slot, s.version, s.state, s.eula_sha256, 'test'
     from subscriptions s, (select id from ${each}) e where s.id = $1 returning id`,
    [market.subscriptionId],
  );
  return rows.map((r) => r.id);
}

export interface DataServiceOptions {
  readonly number: number;
  /** The section `service` of the product's document. */
  readonly section: Record<string, unknown>;
  /** Sealed, of the credential that the section names. */
  readonly sealed?: string;
  readonly transactionsPerMonth?: number;
  readonly callsAtOnce?: number;
  readonly buyerOf?: SmallMarket;
}

/** A market of one web-service product, live, with a subscriber. */
export async function insertDataService(pool: pg.Pool, options: DataServiceOptions): Promise<SmallMarket> {
  const market = await insertMarket(pool, {
    addresses: [],
    number: options.number,
    ...(options.buyerOf ? { buyerOf: options.buyerOf } : {}),
  });
  const document = { versions: [{ number: 'v1', state: 'listed' }], service: options.section };
  const quota = options.transactionsPerMonth && {
    unitsPerMonth: options.transactionsPerMonth,
    dimension: 'transactions',
  };
  const id = [market.productId];
  await pool.query('delete from deployments where product_id = $1', id);
  await pool.query("update products set type = 'web-service' where id = $1", id);
  await pool.query('update revisions set document = $2 where product_id = $1', [
    ...id,
    JSON.stringify(document),
  ]);
  const { credentialId } = (options.section.authentication ?? {}) as { credentialId?: string };
  if (options.sealed && credentialId)
    await pool.query(
      `insert into service_credentials (id, product_id, sealed, origin, made_by) values ($1, $2, $3, $4, 'test')`,
      [credentialId, market.productId, options.sealed, new URL(String(options.section.url)).origin],
    );
  await pool.query(`update subscriptions set version = 'v1', plan = $2 where id = $1`, [
    market.subscriptionId,
    JSON.stringify({ ...(quota ? { quota } : {}), callsAtOnce: options.callsAtOnce }),
  ]);
  return { ...market, version: 'v1' };
}
