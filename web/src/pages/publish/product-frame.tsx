import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
import type { Product } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { useSession } from '../../session/session.ts';
import styles from './product-frame.module.css';

export const productsTrail = [{ label: 'Your products', to: '/publish' }];

interface Props {
  readonly product: Product;
  readonly page?: string;
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** The pages of one product under one head. */
export function ProductFrame({ product, page, actions, wide, children }: Props) {
  const { may } = useSession();
  const base = `/publish/products/${product.id}`;
  const name = product.title || product.slug;
  const tabs = [
    ...(may('product:read')
      ? [
          { label: 'Overview', to: base, end: true },
          { label: 'Listing', to: `${base}/edit`, end: false },
          { label: 'Versions', to: `${base}/versions`, end: false },
          { label: 'Reviews', to: `${base}/reviews`, end: false },
        ]
      : []),
    ...(may('product:usage') ? [{ label: 'Customers and usage', to: `${base}/customers`, end: false }] : []),
  ];
  return (
    <Page
      title={page ? `${page}: ${name}` : name}
      heading={name}
      trail={productsTrail}
      beside={<StatusBadge state={product.state} />}
      actions={actions}
      width={wide ? 'wide' : 'normal'}
    >
      <nav className={styles.tabs} aria-label={name}>
        {tabs.map((tab) => (
          <NavLink key={tab.to} to={tab.to} end={tab.end} className={`${styles.tab}`}>
            {tab.label}
          </NavLink>
        ))}
      </nav>
      {children}
    </Page>
  );
}
