import { Button, NumberInput, Radio, Switch, TagsInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { operateQueries } from '../../api/queries/operate.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Policies } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice, QueryView } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import { NoticePolicyPanel } from './notice-policy-panel.tsx';
import { PublisherRules } from './publisher-rules.tsx';
import { AnswerClockPanel, ReviewPolicyPanel } from './review-policy-panel.tsx';

export function PoliciesPage() {
  const query = useQuery(operateQueries.policies());
  return (
    <Page
      title="Policies"
      lead="What you decide about this marketplace. Each has a safe default."
      width="narrow"
    >
      <QueryView query={query}>{(policies) => <PoliciesForm saved={policies} />}</QueryView>
    </Page>
  );
}

function PoliciesForm({ saved }: { saved: Policies }) {
  const { may } = useSession();
  const [policies, setPolicies] = useState(saved);
  const save = useMutation({
    mutationFn: () => take(api.PUT('/api/operator/policies', { body: policies })),
    onSuccess: (next) => {
      queryClient.setQueryData(operateQueries.policies().queryKey, next);
      setPolicies(next);
      toast.done('The policies are saved; they hold from now on.');
    },
  });
  const editable = may('operator:manage');
  const changed = JSON.stringify(policies) !== JSON.stringify(saved);
  return (
    <form
      className="stack"
      style={{ '--gap': '20px' }}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <ReviewPolicyPanel policies={policies} editable={editable} onChange={setPolicies} />
      <AnswerClockPanel policies={policies} editable={editable} onChange={setPolicies} />
      <Panel title="Virus scanner" note="What happens to a submission when ClamAV cannot be reached">
        <Radio.Group
          aria-label="When the scanner is missing"
          value={policies.scannerMissing}
          onChange={(value) => setPolicies({ ...policies, scannerMissing: value as 'hold' | 'record' })}
        >
          <div className="stack" style={{ '--gap': '8px' }}>
            <Radio
              value="hold"
              label="Hold it"
              description="It waits until the scanner is back. Nothing goes live unscanned."
              disabled={!editable}
            />
            <Radio
              value="record"
              label="Go on, and say so"
              description="Buyers read “not run” on the product’s evidence."
              disabled={!editable}
            />
          </div>
        </Radio.Group>
      </Panel>
      <Panel title="Training programs" note="Code of publishers, run to try an algorithm before it is listed">
        <Switch
          label="Train in the sandbox"
          description="Without network, with limits on time, memory, disk and processes. Off: new algorithms are refused, others wait."
          checked={policies.programTraining === 'sandboxed'}
          disabled={!editable}
          onChange={(event) =>
            setPolicies({ ...policies, programTraining: event.currentTarget.checked ? 'sandboxed' : 'off' })
          }
        />
        <TagsInput
          mt="md"
          label="Publishers whose programs may also serve"
          description="12-digit account ids. What they train need not be ONNX: their own program answers calls, in the sandbox. None: nobody’s."
          value={policies.programServing.accounts}
          disabled={!editable}
          error={
            policies.programServing.accounts.every((account) => /^[0-9]{12}$/.test(account))
              ? null
              : 'An account id has 12 digits.'
          }
          onChange={(accounts) => setPolicies({ ...policies, programServing: { accounts } })}
        />
      </Panel>
      <Panel title="Free tries" note="On product pages, each day (UTC)">
        <div className="row" style={{ '--gap': '16px' }}>
          <NumberInput
            label="A visitor"
            min={0}
            max={10_000}
            value={policies.triesPerDay.visitor}
            disabled={!editable}
            onChange={(value) =>
              setPolicies({
                ...policies,
                triesPerDay: { ...policies.triesPerDay, visitor: Number(value) || 0 },
              })
            }
          />
          <NumberInput
            label="An account"
            min={0}
            max={10_000}
            value={policies.triesPerDay.account}
            disabled={!editable}
            onChange={(value) =>
              setPolicies({
                ...policies,
                triesPerDay: { ...policies.triesPerDay, account: Number(value) || 0 },
              })
            }
          />
        </div>
      </Panel>
      <Panel title="End dates">
        <NumberInput
          label="Notice of an end date, in days"
          description="How long before a version or product ends its subscribers are told, at the least. A withdrawal for security needs none."
          min={0}
          max={3650}
          value={policies.notice.sunsetDays}
          disabled={!editable}
          onChange={(value) =>
            setPolicies({ ...policies, notice: { ...policies.notice, sunsetDays: Number(value) || 0 } })
          }
        />
      </Panel>
      <NoticePolicyPanel policies={policies} editable={editable} onChange={setPolicies} />
      <PublisherRules policies={policies} editable={editable} onChange={setPolicies} />
      <Panel title="Sign-up">
        <Radio.Group
          aria-label="Who may sign up"
          value={policies.signUp}
          onChange={(value) => setPolicies({ ...policies, signUp: value as 'open' | 'invitation' })}
        >
          <div className="stack" style={{ '--gap': '8px' }}>
            <Radio
              value="open"
              label="Open"
              description="Everybody who reaches this page."
              disabled={!editable}
            />
            <Radio
              value="invitation"
              label="By invitation"
              description="Only people whom an account invites."
              disabled={!editable}
            />
          </div>
        </Radio.Group>
      </Panel>
      <Panel title="Files">
        <NumberInput
          label="Files of an account, in GB"
          description="How much an account may keep as inputs and results of its jobs."
          min={0}
          max={1_000_000}
          value={policies.filesGigabytes}
          disabled={!editable}
          onChange={(value) => setPolicies({ ...policies, filesGigabytes: Number(value) || 0 })}
        />
      </Panel>
      <Panel title="Container images">
        <NumberInput
          label="Layers of an image, in MB"
          description="How large an image may be that a publisher pushes: all layers together, as they are kept."
          min={1}
          max={1_000_000}
          value={policies.imageMegabytes}
          disabled={!editable}
          onChange={(value) => setPolicies({ ...policies, imageMegabytes: Number(value) || 1 })}
        />
        <NumberInput
          mt={12}
          label="Images of an account, in GB"
          description="All of them together; a layer that several have counts once."
          min={0}
          max={1_000_000}
          value={policies.accountImageGigabytes}
          disabled={!editable}
          onChange={(value) => setPolicies({ ...policies, accountImageGigabytes: Number(value) || 0 })}
        />
      </Panel>
      <ErrorNotice error={save.error} />
      <div>
        <Button type="submit" disabled={!changed || !editable} loading={save.isPending}>
          Save policies
        </Button>
      </div>
    </form>
  );
}
