import { Button, Select } from '@mantine/core';
import { countryName } from '@souk/contract/countries';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { payeeQueries } from '../../api/queries/payee.ts';
import { queryClient } from '../../api/query-client.ts';
import type { OperatorPublisherDetail } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { TextField } from '../../components/form-field.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { formatDay } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import { History } from '../publish/profile/standing-panel.tsx';
import { RevealPanel } from './reveal-panel.tsx';

export function OperatorPublisherPage() {
  const { accountId = '' } = useParams();
  const query = useQuery(payeeQueries.publisher(accountId));
  return (
    <PageQuery query={query} title="Publisher">
      {(detail) => <Detail detail={detail} />}
    </PageQuery>
  );
}

function Detail({ detail }: { detail: OperatorPublisherDetail }) {
  const { may } = useSession();
  const { profile: p, standing, products, tax, bank } = detail;
  return (
    <Page
      title={p.displayName}
      trail={[{ label: 'Publishers', to: '/operate/publishers' }]}
      lead={p.description || undefined}
      beside={<StatusBadge state={standing.verification.state} />}
      width="narrow"
    >
      <div className="stack" style={{ '--gap': '20px' }}>
        <Panel title="Profile">
          <Facts>
            <Fact name="Account">
              <CopyableId id={p.accountId} what="account id" />
            </Fact>
            <Fact name="Name in addresses">{p.slug}</Fact>
            <Fact name="Website">
              {p.websiteUrl ? (
                <a href={p.websiteUrl} target="_blank" rel="noopener noreferrer nofollow">
                  {p.websiteUrl}
                </a>
              ) : null}
            </Fact>
            <Fact name="Contact">
              {p.contactEmail ? <a href={`mailto:${p.contactEmail}`}>{p.contactEmail}</a> : null}
            </Fact>
            <Fact name="Publisher since">
              <RelativeTime at={p.createdAt} />
            </Fact>
            <Fact name="Products">
              {products.length === 0
                ? 'None'
                : products.map((x, i) => (
                    <span key={x.id}>
                      {i > 0 ? ', ' : ''}
                      {x.live ? <Link to={`/products/${p.slug}/${x.slug}`}>{x.title}</Link> : x.title}
                    </span>
                  ))}
            </Fact>
            <Fact name="Payouts">
              <StatusBadge state={standing.payouts.state} /> {standing.payouts.reason}
            </Fact>
          </Facts>
        </Panel>
        {may('publisher:verify') ? (
          <DecisionPanel key={standing.verification.version} detail={detail} />
        ) : null}
        <Panel title="Taxes" note="Numbers show their last digits">
          {tax ? (
            <Facts>
              <Fact name="Form">{tax.form}</Fact>
              <Fact name="Holds until">{tax.expiresOn ? formatDay(tax.expiresOn) : 'Something changes'}</Fact>
              <Fact name="Legal name">{tax.interview.legalName}</Fact>
              <Fact name="Trades as">{tax.interview.tradingName}</Fact>
              <Fact name="Country">{countryName(tax.interview.country ?? '')}</Fact>
              <Fact name="Address">
                {[
                  tax.interview.address?.line1,
                  tax.interview.address?.postalCode,
                  tax.interview.address?.city,
                ]
                  .filter(Boolean)
                  .join(', ')}
              </Fact>
              {(tax.interview.taxNumbers ?? []).map((n) => (
                <Fact key={n.type} name={n.type.toUpperCase()}>
                  {n.number}
                </Fact>
              ))}
              <Fact name="Signed by">{tax.interview.signature?.name}</Fact>
              <Fact name="Given">
                {tax.givenBy}, <RelativeTime at={tax.givenAt} />
              </Fact>
            </Facts>
          ) : (
            <p className="muted">No tax interview was given.</p>
          )}
        </Panel>
        <Panel title="Bank" note="Numbers show their last digits">
          {bank ? (
            <Facts>
              <Fact name="Holder">{bank.bank.holder}</Fact>
              <Fact name="Country">{countryName(bank.bank.country ?? '')}</Fact>
              <Fact name="IBAN">{bank.bank.iban}</Fact>
              <Fact name="Routing number">{bank.bank.routingNumber}</Fact>
              <Fact name="Account number">{bank.bank.accountNumber}</Fact>
              <Fact name="BIC">{bank.bank.bic}</Fact>
              <Fact name="Currency">{bank.bank.currency}</Fact>
              <Fact name="Given">
                {bank.givenBy}, <RelativeTime at={bank.givenAt} />
              </Fact>
            </Facts>
          ) : (
            <p className="muted">No bank details were given.</p>
          )}
        </Panel>
        {may('payment-details:reveal') && (tax || bank) ? <RevealPanel detail={detail} /> : null}
        <History history={standing.verification.history} />
      </div>
    </Page>
  );
}

type Decision = 'approve' | 'ask' | 'reject';
const decisions: Readonly<Record<Decision, string>> = {
  approve: 'Verify',
  ask: 'Ask for more',
  reject: 'Decline',
};
const possible: Readonly<Record<string, readonly Decision[]>> = {
  pending: ['approve', 'ask', 'reject'],
  'more-needed': ['approve', 'reject'],
  verified: ['ask', 'reject'],
};

function DecisionPanel({ detail }: { detail: OperatorPublisherDetail }) {
  const { profile, standing, mayVerify } = detail;
  const { state, version } = standing.verification;
  const choices = possible[state] ?? [];
  const [decision, setDecision] = useState<Decision | null>(null);
  const [comment, setComment] = useState('');
  const decide = useMutation({
    mutationFn: (chosen: Decision) =>
      take(
        api.POST('/api/operator/publishers/{accountId}/verification', {
          params: { path: { accountId: profile.accountId } },
          body: { decision: chosen, comment, version },
        }),
      ),
    onSuccess: (next) => {
      queryClient.setQueryData(payeeQueries.publisher(profile.accountId).queryKey, next);
      void queryClient.invalidateQueries({ queryKey: ['operate', 'publishers', 'list'] });
      toast.done('Decided; the publisher has a mail.');
    },
  });
  return (
    <Panel title="Verification" note="Make sure who this is: profile, website, register, taxes, bank">
      {choices.length === 0 ? (
        <p className="muted">The publisher has not asked to be verified.</p>
      ) : !mayVerify ? (
        <Notice tone="info">You are a member of this account: somebody else decides.</Notice>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (decision) decide.mutate(decision);
          }}
        >
          <Select
            label="Decision"
            data={choices.map((value) => ({ value, label: decisions[value] }))}
            placeholder="Choose one"
            value={decision}
            onChange={(value) => setDecision(value as Decision | null)}
          />
          <TextField
            label="Reason"
            description="The publisher reads it."
            required
            rows={3}
            charsMax={2000}
            value={comment}
            onChange={setComment}
          />
          <ErrorNotice error={decide.error} />
          <div>
            <Button type="submit" loading={decide.isPending} disabled={!decision || comment.trim() === ''}>
              {decision ? decisions[decision] : 'Decide'}
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}
