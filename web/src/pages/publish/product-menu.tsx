import { Button, Menu } from '@mantine/core';
import { CaretDownIcon } from '@radix-ui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { removalQuery } from '../../api/queries/leaving.ts';
import type { Product } from '../../api/types.ts';
import { useSession } from '../../session/session.ts';
import { CopyProductDialog } from './copy-product-dialog.tsx';
import { SubmitDialog } from './submit-dialog.tsx';
import { UnpublishDialog } from './unpublish-dialog.tsx';

type Dialog = 'submit' | 'copy' | 'unpublish';

/** What its publisher can do with a product now; what its state or the member's roles do not allow is left out. */
export function ProductMenu({ product }: { product: Product }) {
  const { may } = useSession();
  const [opened, setOpened] = useState(false);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  // Three dialogs for each row of a long table would cost more than the table, so they come with the menu; not with their own
  // opening, because a dialog that begins opened does not know what to give the focus back to.
  const [used, setUsed] = useState(false);
  const target = useRef<HTMLButtonElement>(null);
  const unpublishable = useUnpublishable(product, opened);
  const show = (which: Dialog) => () => {
    // A dialog gives the focus back to what had it; the menu's item is gone by then.
    target.current?.focus();
    setDialog(which);
  };
  const close = () => setDialog(null);
  const base = `/publish/products/${product.id}`;
  const page = pageOf(product);
  const edits = may('product:edit');
  const items = [
    edits ? { label: 'Edit', to: `${base}/edit` } : null,
    page ? { label: product.liveRevision === null ? 'Open the preview' : 'Open the page', to: page } : null,
    may('product:submit') && submittable(product) ? { label: 'Submit…', onClick: show('submit') } : null,
    edits ? { label: 'Make a copy…', onClick: show('copy') } : null,
  ].filter((item) => item !== null);
  if (items.length === 0 && !unpublishable) return null;
  return (
    <>
      <Menu
        position="bottom-end"
        width={200}
        opened={opened}
        onChange={(open) => {
          setOpened(open);
          if (open) setUsed(true);
        }}
      >
        <Menu.Target>
          <Button
            ref={target}
            size="compact-sm"
            variant="default"
            rightSection={<CaretDownIcon />}
            aria-label={`Actions for ${product.title || product.slug}`}
          >
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {items.map((item) =>
            'to' in item ? (
              <Menu.Item key={item.label} component={Link} to={item.to}>
                {item.label}
              </Menu.Item>
            ) : (
              <Menu.Item key={item.label} onClick={item.onClick}>
                {item.label}
              </Menu.Item>
            ),
          )}
          {unpublishable ? (
            <>
              <Menu.Divider />
              <Menu.Item color="var(--bad)" disabled={unpublishable === 'asking'} onClick={show('unpublish')}>
                Unpublish listing…
              </Menu.Item>
            </>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {used ? (
        <>
          <SubmitDialog product={product} opened={dialog === 'submit'} onClose={close} />
          <CopyProductDialog
            product={product}
            visibility={product.visibility}
            opened={dialog === 'copy'}
            onClose={close}
          />
          <UnpublishDialog product={product} opened={dialog === 'unpublish'} onClose={close} />
        </>
      ) : null}
    </>
  );
}

/** Where buyers, or those who try it, see the product; null while there is nothing to see. */
function pageOf({ publisher, slug, liveRevision, previewRevision }: Product): string | null {
  if (liveRevision === null && previewRevision === null) return null;
  return `/products/${publisher}/${slug}?slot=${liveRevision === null ? 'preview' : 'live'}`;
}

export const submittable = ({ draftDiffers, state }: Product) => draftDiffers && state !== 'in-pipeline';

/** The state says it, except of a product that leaves while a new submission is on its way. */
function useUnpublishable(product: Product, opened: boolean): 'asking' | 'yes' | null {
  const { may } = useSession();
  const left = ['leaving', 'removed', 'taken-down'].includes(product.state);
  const possible = may('product:remove') && may('product:read') && product.liveRevision !== null && !left;
  const query = useQuery({ ...removalQuery(product.id), enabled: possible && opened });
  if (!possible || query.data?.removal) return null;
  return query.isPending ? 'asking' : 'yes';
}
