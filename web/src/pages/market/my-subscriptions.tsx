import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { subscriptionQueries } from '../../api/queries/subscriptions.ts';
import { ProductLogo } from '../../components/product-logo.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import styles from './catalog.module.css';

/** What my account may use right now; nothing at all where there is nothing. */
export function MySubscriptions() {
  const query = useInfiniteQuery(subscriptionQueries.list());
  const active = (query.data?.pages[0]?.items ?? []).filter((s) => s.state === 'active').slice(0, 6);
  if (active.length === 0) return null;
  return (
    <section className={styles.section} aria-labelledby="mine">
      <div className={styles.sectionHead}>
        <h2 id="mine">Yours to call</h2>
        <Link to="/subscriptions" className="small">
          All subscriptions
        </Link>
      </div>
      <div className={styles.cards}>
        {active.map((subscription) => (
          <article key={subscription.id} className={styles.card}>
            <div className={styles.cardHead}>
              <ProductLogo url={subscription.logoUrl} title={subscription.title} size={32} />
              <div className="grow">
                <h3>
                  <Link to={`/subscriptions/${subscription.id}`} className={styles.cardTitle}>
                    {subscription.title}
                  </Link>
                </h3>
                <p className={styles.cardPublisher}>
                  {subscription.plan.name ?? subscription.plan.id} · {subscription.version}
                </p>
              </div>
              <StatusBadge state={subscription.limited ? 'limited' : subscription.state} />
            </div>
          </article>
        ))}
      </div>
    </section>
  );
}
