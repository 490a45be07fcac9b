import { useQuery } from '@tanstack/react-query';
import { operateQueries } from '../../api/queries/operate.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Notice, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { plural } from '../../format/format.ts';
import product from '../market/product/product.module.css';

export function HealthPage() {
  const query = useQuery(operateQueries.health());
  return (
    <Page
      title="Health"
      lead="Every part, and what to do where something is wrong. Asked again every ten seconds."
    >
      <QueryView query={query}>
        {({ checks }) => {
          const bad = checks.filter((c) => c.state !== 'ok').length;
          return (
            <>
              <Notice
                tone={bad === 0 ? 'good' : 'warn'}
                title={
                  bad === 0 ? 'Everything works' : `${plural(bad, 'part needs', 'parts need')} attention`
                }
              />
              <Panel flush>
                <ul style={{ listStyle: 'none', padding: 0 }}>
                  {checks.map((check) => (
                    <li key={check.name} className={product.version}>
                      <div className="row spread">
                        <span style={{ fontWeight: 500 }}>{check.name}</span>
                        <StatusBadge state={check.state} />
                      </div>
                      <p className="small muted break">{check.detail}</p>
                      {check.remedy ? <p className="small break">{check.remedy}</p> : null}
                    </li>
                  ))}
                </ul>
              </Panel>
            </>
          );
        }}
      </QueryView>
    </Page>
  );
}
