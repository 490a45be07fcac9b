import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import type { Product } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { Panel } from '../../../components/panel.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { useSession } from '../../../session/session.ts';
import { typeWords } from '../../market/words.ts';
import { CopyProductDialog } from '../copy-product-dialog.tsx';
import styles from './overview.module.css';

const waitWords = { publisher: 'you', system: 'Souk', operator: 'the operator' };

/** What the product is and where it stands, before anything else. */
export function SummaryPanel({ product }: { product: Product }) {
  const address = `/products/${product.publisher}/${product.slug}`;
  return (
    <Panel title="Product summary" actions={<CopyAction product={product} />}>
      <dl className={styles.summary}>
        <Item name="Status">
          <StatusBadge state={product.state} />
          {product.waitsFor ? (
            <span className="small muted"> waits for {waitWords[product.waitsFor]}</span>
          ) : null}
        </Item>
        <Item name="Privacy">{product.visibility === 'public' ? 'Public' : 'Private'}</Item>
        <Item name="Type">{typeWords[product.type]}</Item>
        <Item name="Created by">
          {product.createdBy}, <RelativeTime at={product.createdAt} />
        </Item>
        <Item name="Live">
          {product.liveRevision === null ? (
            <span className="faint">Nothing yet</span>
          ) : (
            <Link to={`${address}?slot=live`}>Revision {product.liveRevision}</Link>
          )}
        </Item>
        <Item name="Preview">
          {product.previewRevision === null ? (
            <span className="faint">Nothing</span>
          ) : (
            <Link to={`${address}?slot=preview`}>Revision {product.previewRevision}</Link>
          )}
        </Item>
        <Item name="Product id">
          <CopyableId id={product.id} what="product id" short />
        </Item>
        <Item name="Name in addresses">
          <CopyableId id={`${product.publisher}/${product.slug}`} what="the product’s name" wrap />
        </Item>
      </dl>
    </Panel>
  );
}

function CopyAction({ product }: { product: Product }) {
  const { may } = useSession();
  const [copying, setCopying] = useState(false);
  if (!may('product:edit')) return null;
  return (
    <>
      <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setCopying(true)}>
        Make a copy
      </Button>
      <CopyProductDialog
        product={product}
        visibility={product.visibility}
        opened={copying}
        onClose={() => setCopying(false)}
      />
    </>
  );
}

const Item = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
