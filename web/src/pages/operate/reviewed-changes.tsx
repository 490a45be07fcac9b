import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { submissionQueries } from '../../api/queries/publish.ts';
import type { Submission } from '../../api/types.ts';
import { DiffView } from '../../components/diff-view.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { plural } from '../../format/format.ts';

type Base = 'live' | 'reviewed' | 'nothing';

/** What a reviewer reads: only what changed, unless they ask for the whole. */
export function ReviewedChanges({ submission }: { submission: Submission }) {
  const [base, setBase] = useState<Base>('reviewed');
  const query = useQuery(submissionQueries.diff(submission.id, base));
  const { against, changes } = query.data ?? {};
  return (
    <Panel
      title="The document"
      note={changes ? noteOf(base, against ?? null, changes.length) : 'Against what was read last'}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Compare with"
          value={base}
          data={[
            { value: 'reviewed', label: 'Last read' },
            { value: 'live', label: 'Live' },
            { value: 'nothing', label: 'Whole' },
          ]}
          onChange={(value) => setBase(value as Base)}
        />
      }
      flush
    >
      <QueryView query={query}>
        {(diff) =>
          diff.changes.length === 0 ? (
            <EmptyState title="Nothing differs" />
          ) : (
            <DiffView changes={diff.changes} />
          )
        }
      </QueryView>
    </Panel>
  );
}

function noteOf(base: Base, against: number | null, count: number): string {
  if (base === 'nothing') return 'The whole document';
  if (against === null) return 'Nothing was read or released before: the whole document';
  return `${plural(count, 'field')} ${count === 1 ? 'differs' : 'differ'} from revision ${against}`;
}
