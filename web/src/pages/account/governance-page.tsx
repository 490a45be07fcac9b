import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { Cross2Icon, PlusIcon } from '@radix-ui/react-icons';
import { governanceLimits } from '@souk/contract/community-limits';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { governanceQueries, refreshGovernance } from '../../api/queries/governance.ts';
import type { Governance, GovernanceRule } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorNotice, Notice } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { plural } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import styles from './governance.module.css';

type Effect = GovernanceRule['effect'];
const effects: { value: Effect; label: string }[] = [
  { value: 'allow', label: 'Allow' },
  { value: 'request', label: 'Needs approval' },
  { value: 'deny', label: 'Deny' },
];
const kinds: { value: GovernanceRule['kind']; label: string; example: string }[] = [
  { value: 'product', label: 'Product', example: 'publisher/product' },
  { value: 'publisher', label: 'Publisher', example: 'its address' },
  { value: 'category', label: 'Category', example: 'Text' },
  { value: 'type', label: 'Type', example: 'model-package' },
  { value: 'price', label: 'Price', example: 'free or paid' },
];

/** What members may subscribe to. Saved as a whole, so that nobody subscribes under half a change. */
export function GovernancePage() {
  const query = useQuery(governanceQueries.rules());
  return (
    <PageQuery query={query} title="Rules">
      {(governance) => <Rules key={governance.version} governance={governance} />}
    </PageQuery>
  );
}

/** Rows are told apart while they are edited, though two may say the same for a moment. */
let rows = 0;
const keyed = (rule: GovernanceRule) => ({ key: `rule-${++rows}`, rule });

function Rules({ governance }: { governance: Governance }) {
  const { may } = useSession();
  const manage = may('governance:manage');
  const [otherwise, setOtherwise] = useState<Effect>(governance.default);
  const [contact, setContact] = useState(governance.contact);
  const [list, setList] = useState(() => governance.rules.map(keyed));
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/account/governance', {
          body: {
            version: governance.version,
            default: otherwise,
            contact,
            rules: list.map(({ rule }) => ({ ...rule, value: rule.value.trim() })),
          },
        }),
      ),
    onSuccess: () => {
      toast.done('The rules are saved.');
      void refreshGovernance();
    },
  });
  const change = (key: string, to: Partial<GovernanceRule>) =>
    setList(list.map((row) => (row.key === key ? { key, rule: { ...row.rule, ...to } } : row)));
  return (
    <Page
      title="Rules"
      lead="What members of this account may subscribe to. The most specific rule decides: product before publisher before category before type before price; of several categories the strictest."
      actions={
        manage ? (
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
        ) : null
      }
    >
      {governance.outside > 0 && may('invoice:read') ? (
        <Notice
          tone="warn"
          title={`${plural(governance.outside, 'subscription')} would be denied today`}
          actions={<Link to="/account/spend">See them</Link>}
        >
          They go on. Nothing ends because the rules change.
        </Notice>
      ) : null}
      <ErrorNotice error={save.error} />
      <Panel title="Where no rule applies">
        <div className={styles.pair}>
          <Select
            label="Default"
            data={effects}
            value={otherwise}
            allowDeselect={false}
            disabled={!manage}
            onChange={(value) => setOtherwise((value ?? 'allow') as Effect)}
          />
          <TextInput
            label="Whom members ask"
            placeholder="The admins of this account"
            value={contact}
            maxLength={governanceLimits.contactChars}
            disabled={!manage}
            onChange={(event) => setContact(event.currentTarget.value)}
          />
        </div>
      </Panel>
      <Panel
        title="Rules"
        actions={
          manage ? (
            <Button
              size="compact-md"
              variant="default"
              leftSection={<PlusIcon />}
              disabled={list.length >= governanceLimits.rules}
              onClick={() => setList([...list, keyed({ kind: 'product', value: '', effect: 'deny' })])}
            >
              Add rule
            </Button>
          ) : null
        }
      >
        {list.length === 0 ? (
          <EmptyState title="No rules">The default decides on everything.</EmptyState>
        ) : (
          <ul className={styles.rules}>
            {list.map(({ key, rule }, i) => (
              <li key={key} className={styles.rule}>
                <Select
                  aria-label={`Kind of rule ${i + 1}`}
                  data={kinds.map(({ value, label }) => ({ value, label }))}
                  value={rule.kind}
                  allowDeselect={false}
                  disabled={!manage}
                  onChange={(kind) => change(key, { kind: (kind ?? 'product') as GovernanceRule['kind'] })}
                />
                <TextInput
                  aria-label={`What rule ${i + 1} is about`}
                  placeholder={kinds.find((k) => k.value === rule.kind)?.example ?? ''}
                  value={rule.value}
                  disabled={!manage}
                  onChange={(event) => change(key, { value: event.currentTarget.value })}
                />
                <Select
                  aria-label={`Effect of rule ${i + 1}`}
                  data={effects}
                  value={rule.effect}
                  allowDeselect={false}
                  disabled={!manage}
                  onChange={(effect) => change(key, { effect: (effect ?? 'deny') as Effect })}
                />
                <TextInput
                  aria-label={`Note of rule ${i + 1}`}
                  placeholder="Why; members read it"
                  value={rule.note ?? ''}
                  maxLength={governanceLimits.noteChars}
                  disabled={!manage}
                  onChange={(event) => change(key, { note: event.currentTarget.value })}
                />
                {manage ? (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="lg"
                    aria-label={`Remove rule ${i + 1}`}
                    onClick={() => setList(list.filter((row) => row.key !== key))}
                  >
                    <Cross2Icon />
                  </ActionIcon>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </Page>
  );
}
