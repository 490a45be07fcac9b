import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { catalogQueries } from '../../api/queries/catalog.ts';
import { EmptyState, ErrorState } from '../../components/states.tsx';
import { useSession } from '../../session/session.ts';
import { SearchBox } from '../../shell/search-box.tsx';
import styles from './catalog.module.css';
import { MySubscriptions } from './my-subscriptions.tsx';
import { CardSkeletons, ProductCard } from './product-card.tsx';

/** Search at once; what is new; what my account may use. */
export function HomePage() {
  const { may, signedIn } = useSession();
  const query = useInfiniteQuery(catalogQueries.search({ sort: 'newest' }, 12));
  const page = query.data?.pages[0];
  const categories = page?.facets.category.slice(0, 8) ?? [];
  return (
    <>
      <title>Souk: machine-learning products you can call</title>
      <section className={styles.hero}>
        <h1>Models that are ready to call</h1>
        <p className={styles.heroLead}>
          Every product was checked, scanned and measured by this marketplace. Try it here, subscribe, and
          call it with one key.
        </p>
        <div className={styles.heroSearch}>
          <SearchBox large />
        </div>
        <div className={styles.chips} style={{ minHeight: 28 }}>
          {categories.map((facet) => (
            <Link
              key={facet.value}
              to={`/products?category=${encodeURIComponent(facet.value)}`}
              className={styles.chip}
            >
              {facet.value} <span className="faint">{facet.count}</span>
            </Link>
          ))}
        </div>
      </section>
      {signedIn && may('subscription:read') ? <MySubscriptions /> : null}
      <section className={styles.section} aria-labelledby="recent">
        <div className={styles.sectionHead}>
          <h2 id="recent">Recently published</h2>
          <Link to="/products?sort=newest" className="small">
            All products
          </Link>
        </div>
        {page ? (
          page.items.length > 0 ? (
            <div className={styles.cards}>
              {page.items.map((item) => (
                <ProductCard key={item.productId} item={item} />
              ))}
            </div>
          ) : (
            <NothingPublished />
          )
        ) : query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <CardSkeletons count={6} />
        )}
      </section>
    </>
  );
}

function NothingPublished() {
  const { may } = useSession();
  return (
    <EmptyState
      title="Nothing is published yet"
      actions={
        may('product:edit') ? (
          <Button component={Link} to="/publish">
            Publish a product
          </Button>
        ) : null
      }
    >
      The first product to go live appears here at once.
    </EmptyState>
  );
}
