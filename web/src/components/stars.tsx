import styles from './stars.module.css';

/** A rating: the figure for everybody, the stars for the eye. */
export function Stars({ rating, count }: { rating: number; count?: number }) {
  const words = `${rating} of 5${count === undefined ? '' : `, ${count} ${count === 1 ? 'review' : 'reviews'}`}`;
  return (
    <span className={styles.rating} title={words}>
      <span aria-hidden="true" className={styles.stars} style={{ '--share': `${(rating / 5) * 100}%` }}>
        ★★★★★
      </span>
      <span className="visually-hidden">Rated {words}</span>
      <span aria-hidden="true">
        {rating}
        {count === undefined ? '' : ` (${count})`}
      </span>
    </span>
  );
}
