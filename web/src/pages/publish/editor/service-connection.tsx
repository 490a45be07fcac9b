import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api, take } from '../../../api/client.ts';
import { ErrorNotice, Notice } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { useEditor } from './editor-context.tsx';

const states = { ok: 'passed', failed: 'refused', 'not-run': 'not-run' } as const;
const stateWords = { ok: 'OK', failed: 'Failed', 'not-run': 'Not run' } as const;

/** Calls the service of the draft, and shows step by step what was seen and what to mend. */
export function ServiceConnection() {
  const { editable, product, save } = useEditor();
  const test = useMutation({
    mutationFn: async () => {
      await save();
      return take(
        api.POST('/api/products/{productId}/test-connection', {
          params: { path: { productId: product.id } },
        }),
      );
    },
  });
  return (
    <div className="stack" style={{ '--gap': '10px' }}>
      <div>
        <Button variant="default" disabled={!editable} loading={test.isPending} onClick={() => test.mutate()}>
          Test Connection
        </Button>
      </div>
      <ErrorNotice error={test.error} />
      <div aria-live="polite">
        {test.data ? (
          <div className="stack" style={{ '--gap': '10px' }}>
            <ul className="stack" style={{ '--gap': '6px', listStyle: 'none', padding: 0, margin: 0 }}>
              {test.data.steps.map((s) => (
                <li key={s.step} className="row" style={{ '--gap': '8px', alignItems: 'baseline' }}>
                  <StatusBadge state={states[s.state]}>{stateWords[s.state]}</StatusBadge>
                  <span>{s.title}</span>
                  {s.ms === null ? null : <span className="small faint tabular">{s.ms} ms</span>}
                  {s.detail && s.state !== 'failed' ? (
                    <span className="small muted break">{s.detail}</span>
                  ) : null}
                </li>
              ))}
            </ul>
            {test.data.findings.map((f) => (
              <Notice key={f.code} tone={f.severity === 'error' ? 'bad' : 'warn'} title={f.message}>
                {f.remedy}
              </Notice>
            ))}
            {test.data.rows.length > 0 ? (
              <pre className="small break" style={{ whiteSpace: 'pre-wrap', margin: 0 }}>
                {JSON.stringify(test.data.rows.slice(0, 2), null, 2)}
              </pre>
            ) : null}
          </div>
        ) : null}
      </div>
    </div>
  );
}
