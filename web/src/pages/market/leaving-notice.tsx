import { Link } from 'react-router';
import type { CatalogProduct } from '../../api/types.ts';
import { Notice } from '../../components/states.tsx';
import { useNow } from '../../components/time.tsx';
import { formatAbsolute, plural } from '../../format/format.ts';

type Leaving = NonNullable<CatalogProduct['leaving']>;

/** For those who have a product that is no longer sold: until when, and what its publisher names in its place. */
export function LeavingNotice({ leaving, subscribed }: { leaving: Leaving; subscribed: boolean }) {
  const now = useNow(15_000);
  if (leaving.kind === 'take-down')
    return (
      <Notice tone="bad" title="The operator took this product down">
        It is not sold, and calls to it are suspended until it is restored.
        {subscribed ? ' The reason is on your subscription’s page.' : ''}
      </Notice>
    );
  const { replacement, endsAt } = leaving;
  const over = endsAt !== null && Date.parse(endsAt) <= now;
  return (
    <Notice
      tone="warn"
      title={
        endsAt === null
          ? 'No longer sold'
          : over
            ? `No longer sold; support ended on ${formatAbsolute(endsAt)}`
            : `No longer sold, supported until ${formatAbsolute(endsAt)}: ${leftWords(endsAt, now)}`
      }
    >
      {subscribed && !over
        ? 'Your subscription goes on until then, and ends. Export what is yours before.'
        : null}
      {replacement ? (
        <>
          {' '}
          Its publisher names{' '}
          <Link to={`/products/${replacement.publisher}/${replacement.slug}`}>{replacement.title}</Link> in
          its place.
        </>
      ) : null}
    </Notice>
  );
}

/** "89 days left"; hours on the last day. */
export function leftWords(endsAt: string, now: number): string {
  const hours = Math.ceil((Date.parse(endsAt) - now) / 3_600_000);
  if (hours <= 0) return 'over';
  return hours >= 48 ? `${Math.ceil(hours / 24)} days left` : `${plural(hours, 'hour')} left`;
}
