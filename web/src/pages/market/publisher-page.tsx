import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { catalogQueries } from '../../api/queries/catalog.ts';
import type { PublisherProfile } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { mediaUrl, ProductLogo } from '../../components/product-logo.tsx';
import { EmptyState } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { formatDate } from '../../format/format.ts';
import catalog from './catalog.module.css';
import { CardSkeletons, ProductCard } from './product-card.tsx';

export function PublisherPage() {
  const { publisher = '' } = useParams();
  const query = useQuery(catalogQueries.publisher(publisher));
  return (
    <PageQuery query={query} title="Publisher">
      {(profile) => <Profile profile={profile} />}
    </PageQuery>
  );
}

function Profile({ profile }: { profile: PublisherProfile }) {
  const products = useInfiniteQuery(catalogQueries.search({ publisher: profile.slug, sort: 'title' }, 48));
  const items = products.data?.pages.flatMap((p) => p.items);
  return (
    <Page
      title={profile.displayName}
      trail={[{ label: 'Products', to: '/products' }]}
      lead={profile.description || undefined}
      beside={
        <>
          <ProductLogo
            url={profile.logoSha256 ? mediaUrl(profile.logoSha256) : null}
            title={profile.displayName}
            size={32}
          />
          {profile.verified ? <StatusBadge state="verified" /> : null}
        </>
      }
    >
      <Panel title="About">
        <Facts>
          <Fact name="Website">
            {profile.websiteUrl ? (
              <a href={profile.websiteUrl} target="_blank" rel="noopener noreferrer nofollow">
                {profile.websiteUrl}
              </a>
            ) : null}
          </Fact>
          <Fact name="Contact">
            {profile.contactEmail ? (
              <a href={`mailto:${profile.contactEmail}`}>{profile.contactEmail}</a>
            ) : null}
          </Fact>
          <Fact name="Publisher since">{formatDate(profile.createdAt)}</Fact>
        </Facts>
      </Panel>
      <h2>Products</h2>
      {items === undefined ? (
        <CardSkeletons count={3} />
      ) : items.length === 0 ? (
        <EmptyState title="Nothing published yet" />
      ) : (
        <div className={catalog.cards}>
          {items.map((item) => (
            <ProductCard key={item.productId} item={item} />
          ))}
        </div>
      )}
    </Page>
  );
}
