import { Skeleton } from '@mantine/core';
import { Link } from 'react-router';
import type { CatalogItem } from '../../api/types.ts';
import { ProductLogo } from '../../components/product-logo.tsx';
import { Stars } from '../../components/stars.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { formatDuration } from '../../format/format.ts';
import { productPath } from '../../shell/search-box.tsx';
import styles from './catalog.module.css';
import { typeWords } from './words.ts';

export function ProductCard({ item }: { item: CatalogItem }) {
  return (
    <article className={styles.card}>
      <div className={styles.cardHead}>
        <ProductLogo url={item.logoUrl} title={item.title} size={40} />
        <div className="grow">
          <h3>
            <Link to={productPath(item)} className={styles.cardTitle}>
              {item.title}
            </Link>
          </h3>
          <p className={styles.cardPublisher}>{item.publisherName}</p>
        </div>
        {item.limited ? <StatusBadge state="limited" /> : null}
      </div>
      <p className={styles.cardText}>{item.shortDescription}</p>
      <div className={styles.cardFoot}>
        <span className={styles.price}>{item.priceText}</span>
        <span className="faint">{typeWords[item.type]}</span>
        <Rating item={item} />
        <Latency p99Ms={item.p99Ms} />
      </div>
    </article>
  );
}

export function ProductRow({ item }: { item: CatalogItem }) {
  return (
    <article className={styles.item}>
      <ProductLogo url={item.logoUrl} title={item.title} size={44} />
      <div className="grow">
        <div className="row" style={{ '--gap': '8px' }}>
          <h2>
            <Link to={productPath(item)} className={styles.cardTitle}>
              {item.title}
            </Link>
          </h2>
          {item.limited ? <StatusBadge state="limited" /> : null}
        </div>
        <p className={styles.cardPublisher}>
          {item.publisherName} · {typeWords[item.type]} · {item.latestVersion}
        </p>
        <p className={styles.cardText} style={{ minHeight: 0, marginTop: 4 }}>
          {item.shortDescription}
        </p>
      </div>
      <div className={styles.itemFacts}>
        <p className={styles.price}>{item.priceText}</p>
        <p>
          <Rating item={item} />
        </p>
        <p>
          <Latency p99Ms={item.p99Ms} />
        </p>
      </div>
    </article>
  );
}

function Rating({ item }: { item: CatalogItem }) {
  return item.rating ? <Stars rating={item.rating.average} count={item.rating.count} /> : null;
}

function Latency({ p99Ms }: { p99Ms: number | null }) {
  if (p99Ms === null) return null;
  return (
    <span className="faint" title="Measured by this marketplace in the trial run">
      p99 {formatDuration(p99Ms)}
    </span>
  );
}

export function CardSkeletons({ count }: { count: number }) {
  return (
    <div className={styles.cards} aria-busy="true">
      {Array.from({ length: count }, (_, i) => `card-${i}`).map((key) => (
        <div key={key} className={styles.card}>
          <div className={styles.cardHead}>
            <Skeleton width={40} height={40} radius="md" />
            <Skeleton height={14} width="60%" />
          </div>
          <Skeleton height={40} />
          <Skeleton height={14} width="45%" />
        </div>
      ))}
    </div>
  );
}
