import type { ProductDocument, ProductType, PublisherProfile, Sunset, VersionStanding } from '@souk/contract';
import { type Db, row, rows, sql } from '../../platform/db.ts';
import type { PackagedVersion, ShownProduct, Slot, Viewer } from './catalog.ts';

export interface PageRow {
  readonly productId: string;
  readonly accountId: string;
  readonly slug: string;
  readonly type: ProductType;
  readonly slot: Slot;
  readonly revisionId: string;
  readonly revision: number;
  readonly revisionSha256: string;
  readonly document: ProductDocument;
  readonly statement: unknown;
  readonly statementKeyId: string | null;
  readonly signedAt: Date | null;
  readonly createdAt: Date;
  readonly publishedAt: Date;
  readonly rated: ShownProduct['rated'];
  readonly publisher: Omit<PublisherProfile, 'createdAt'> & { readonly createdAt: string };
  readonly subscriptionId: string | null;
  /** Versions that this account's subscription reaches: restricted ones stay visible to those who have them. */
  readonly subscribedVersions: readonly string[];
  readonly ownedByMe: boolean;
  /** Restricted beside the document, or answering nobody any more; `*` stands for all. */
  readonly aside: readonly string[];
  /** Withdrawn or past their end; `*` stands for all. */
  readonly gone: readonly string[];
  readonly sunset: Sunset | null;
  /** The account has had its free month of the product. */
  readonly tried: boolean;
  /** Private plans that this account is in the audience of. */
  readonly privatePlans: readonly string[];
  /** The product is no longer sold; shown to those who have it. */
  readonly leaving: {
    readonly kind: 'unpublish' | 'take-down';
    readonly endsAt: string | null;
    readonly replacement: {
      readonly publisher: string;
      readonly slug: string;
      readonly title: string;
    } | null;
  } | null;
}

const publisherJson =
  sql.raw(`jsonb_build_object('accountId', b.account_id, 'slug', b.slug, 'displayName', b.display_name, 'description', b.description,
  'websiteUrl', b.website_url, 'contactEmail', b.contact_email, 'logoSha256', b.logo_sha256, 'verified', b.verification = 'verified', 'createdAt', b.created_at)`);

/** A replacement is named as long as everybody can have it. */
const leavingJson = sql`case when p.off_sale_at is not null then (select jsonb_build_object('kind', x.kind, 'endsAt', x.ends_at, 'replacement',
    (select jsonb_build_object('publisher', e.publisher, 'slug', e.slug, 'title', e.item ->> 'title') from catalog_entries e where e.product_id = x.replacement_product_id and not e.private))
  from removals x where x.product_id = p.id and x.state in ('down', 'leaving', 'removed') order by x.state limit 1) end`;

/**
 * The revision that this viewer may see of a product: live, if it is public, or the viewer is the owner, in its audience, or
 * subscribed; else in preview for owner and test accounts. What is no longer sold is there for owner and subscribers. One
 * statement for a product that is not there and one that is hidden: they answer alike and take as long.
 */
export const findShown = (
  db: Db,
  viewer: Viewer,
  publisher: string,
  product: string,
  slot: Slot | undefined,
) =>
  row<PageRow>(
    db,
    sql`select p.id as "productId", p.account_id as "accountId", p.slug, p.type, r.slot, r.id as "revisionId", r.number as revision, r.sha256 as "revisionSha256", r.document,
      r.statement, r.statement_key_id as "statementKeyId", r.signed_at as "signedAt", r.created_at as "createdAt",
      coalesce((select min(s.ended_at) from submissions s where s.product_id = p.id and s.state = 'released'), r.created_at) as "publishedAt",
      (select jsonb_build_object('reviews', g.reviews, 'points', g.points) from product_ratings g where g.product_id = p.id) as rated,
      ${publisherJson} as publisher, i.mine as "ownedByMe",
      (select s.id from subscriptions s where s.product_id = p.id and s.account_id = ${viewer.accountId} and s.state <> 'ended') as "subscriptionId",
      coalesce((select a.versions || a.gone from subscriptions s join subscription_versions() a on a.subscription_id = s.id
        where s.product_id = p.id and s.account_id = ${viewer.accountId} and s.state <> 'ended'), '{}') as "subscribedVersions",
      exists (select from product_trials t where t.product_id = p.id and t.account_id = ${viewer.accountId}) as tried,
      array(select a.plan_id from audience_accounts a where a.product_id = p.id and a.account_id = ${viewer.accountId} and a.plan_id <> '') as "privatePlans",
      ${leavingJson} as leaving, coalesce(x.restricted || x.gone, '{}') as aside, coalesce(x.gone, '{}') as gone, sunset_view(p.id, '*') as sunset
    from publishers b join products p on p.account_id = b.account_id left join versions_aside x on x.product_id = p.id
      cross join lateral (select coalesce(p.account_id = ${viewer.accountId}, false) as mine,
        coalesce(p.account_id = ${viewer.accountId} or ${viewer.accountId} = any (p.test_accounts), false) as insider,
        coalesce(p.account_id = ${viewer.accountId}, false) or exists (select from subscriptions s where s.product_id = p.id and s.account_id = ${viewer.accountId}
          and s.state <> 'ended') as holder,
        exists (select from audience_accounts a where a.product_id = p.id and a.plan_id = '' and a.account_id = ${viewer.accountId}) as guest) i
      cross join lateral (
        select 'live' as slot, l.* from revisions l where l.id = p.live_revision_id and ${slot !== 'preview'} and
          (i.holder or (p.off_sale_at is null and (l.document -> 'listing' ->> 'visibility' = 'public' or i.guest)))
        union all
        select 'preview' as slot, v.* from revisions v where v.id = p.preview_revision_id and ${slot !== 'live'} and i.insider
        order by slot limit 1) r
    where b.slug = ${publisher} and p.slug = ${product}`,
  );

export interface VersionRow extends PackagedVersion {
  readonly state: 'ready' | 'starting' | 'down' | 'stopped' | null;
  readonly standing: VersionStanding;
}

export const versionsOf = (db: Db, productId: string) =>
  rows<VersionRow>(
    db,
    sql`select v.number, v.model_name as "modelName", v.package_sha256 as "packageSha256", v.package_size_bytes as "packageSizeBytes", v.resource, v.measured, v.evidence, d.state, version_standing(v.product_id, v.number) as standing
    from product_versions v left join deployments d on d.product_id = v.product_id and d.version = v.number where v.product_id = ${productId}`,
  );

export const findBom = (db: Db, productId: string, version: string) =>
  row<{ bom: unknown }>(
    db,
    sql`select bom from product_versions where product_id = ${productId} and number = ${version}`,
  );

/** A publisher with something to show to this viewer; one who only prepares is nobody else's business. */
export const findPublisher = (db: Db, viewer: Viewer, slug: string) =>
  row<{ profile: PageRow['publisher'] }>(
    db,
    sql`select ${publisherJson} as profile from publishers b where b.slug = ${slug} and (b.account_id = ${viewer.accountId}
      or exists (select from products p left join catalog_entries e on e.product_id = p.id where p.account_id = b.account_id
        and (e.private = false or (p.preview_revision_id is not null and ${viewer.accountId} = any (p.test_accounts))
          or (e.private and exists (select from audience_accounts a where a.product_id = p.id and a.plan_id = '' and a.account_id = ${viewer.accountId})))))`,
  );
