import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { invoiceQuery } from '../../../api/queries/subscriptions.ts';
import { Money } from '../../../components/money.tsx';
import { Panel } from '../../../components/panel.tsx';
import { QueryView } from '../../../components/states.tsx';
import { formatMonth } from '../../../format/format.ts';

/** This subscription's lines of the running month. */
export function InvoicePanel({ subscriptionId }: { subscriptionId: string }) {
  const query = useQuery(invoiceQuery());
  return (
    <Panel title="Invoice so far" {...(query.data ? { note: formatMonth(query.data.month) } : {})}>
      <QueryView query={query}>
        {(invoice) => {
          const lines = invoice.lines.filter((line) => line.subscriptionId === subscriptionId);
          return (
            <div className="stack">
              {lines.length === 0 ? (
                <p className="muted">Nothing was charged this month.</p>
              ) : (
                lines.map((line) => (
                  <div key={line.id} className="row-nowrap spread">
                    <span className="small">{line.description}</span>
                    <strong>
                      <Money amount={line.amount} currency={line.currency} />
                    </strong>
                  </div>
                ))
              )}
              <Link to="/invoice" className="small">
                Invoice of the account
              </Link>
            </div>
          );
        }}
      </QueryView>
    </Panel>
  );
}
