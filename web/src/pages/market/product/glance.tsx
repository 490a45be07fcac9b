import type { CatalogProduct, CatalogVersion } from '../../../api/types.ts';
import { formatCount, formatDuration } from '../../../format/format.ts';
import styles from './product.module.css';

/** The few figures that one decides by, before reading anything. */
export function Glance({
  product,
  version,
}: {
  product: CatalogProduct;
  version: CatalogVersion | undefined;
}) {
  const measured = version?.measured[0];
  const figures = [
    ['Price', product.item.priceText],
    ['p99 latency', measured ? `${formatDuration(measured.p99Ms)}` : null],
    ['Calls per second', measured ? formatCount(Math.round(measured.callsPerSecond)) : null],
    ['Measured on', measured?.instanceType ?? null],
    ['Signature', product.statement.verified ? 'Holds' : 'Does not hold'],
  ] as const;
  return (
    <dl className={styles.glance}>
      {figures
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
