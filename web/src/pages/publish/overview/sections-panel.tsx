import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { Link } from 'react-router';
import { productQueries } from '../../../api/queries/publish.ts';
import type { Draft, Product } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { LoadingLines, QueryView } from '../../../components/states.tsx';
import { StatusShape } from '../../../components/status-badge.tsx';
import { plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import styles from './overview.module.css';
import { type Part, parts } from './parts.ts';

/** Everything that makes a listing, with what is there, what is missing, and the way to it. */
export function SectionsPanel({ product }: { product: Product }) {
  const query = useQuery(productQueries.draft(product.id));
  return (
    <Panel title="Listing" note={standing(product)} flush>
      <QueryView query={query} loading={<LoadingLines lines={8} />}>
        {(draft) => (
          <>
            {parts.map((part) => (
              <Fragment key={part.title}>
                <h3 className={styles.part}>{part.title}</h3>
                <ul className={styles.rows}>
                  {part.rows.map((row) => (
                    <Row key={row.section} row={row} draft={draft} />
                  ))}
                </ul>
              </Fragment>
            ))}
          </>
        )}
      </QueryView>
    </Panel>
  );
}

const standing = (product: Product) =>
  !product.draftDiffers
    ? 'The draft is as it was submitted.'
    : product.submissionId
      ? 'The draft has changes that were not submitted.'
      : 'A draft: nobody else sees it.';

function Row({ row, draft }: { row: Part['rows'][number]; draft: Draft }) {
  const { may } = useSession();
  const state = draft.completeness.find((c) => c.section === row.section);
  const said = row.said(draft.document);
  const errors = state?.errors ?? 0;
  const action = may('product:edit') ? (said === null ? 'Add' : 'Edit') : 'View';
  return (
    <li className={styles.row}>
      <StatusShape state={errors > 0 ? (said === null ? 'pending' : 'error') : 'passed'} size={16} />
      <div className={styles.words}>
        <div className="row" style={{ '--gap': '2px 10px' }}>
          <span className={styles.name}>{row.title}</span>
          {errors > 0 ? (
            <span className={styles.todo}>{plural(errors, 'thing')} to do</span>
          ) : (
            <span className="visually-hidden">complete</span>
          )}
        </div>
        <p className={styles.said} title={said ?? undefined}>
          {said ?? 'Nothing yet'}
        </p>
      </div>
      <Button
        component={Link}
        to={`/publish/products/${draft.productId}/edit?section=${row.section}`}
        variant="default"
        size="compact-sm"
        aria-label={`${action}: ${row.title}`}
      >
        {action}
      </Button>
    </li>
  );
}
