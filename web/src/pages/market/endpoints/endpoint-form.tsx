import { NumberInput, Select, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { catalogQueries, instanceTypesQuery } from '../../../api/queries/catalog.ts';
import type { EndpointSettings, Subscription } from '../../../api/types.ts';
import type { OwnModel } from '../own-models.ts';

export interface EndpointChoice {
  /** Of a product; a model has none. */
  readonly version: string;
  readonly instanceType: string;
  readonly settings: Pick<
    EndpointSettings,
    'instancesMin' | 'instancesMax' | 'concurrency' | 'idleMinutes' | 'timeoutSeconds'
  >;
}

/** Where a form begins: one instance that is always there. */
export const firstChoice = (s: Subscription | undefined): EndpointChoice => ({
  version: s?.version ?? '',
  instanceType: '',
  settings: { instancesMin: 1, instancesMax: 1, concurrency: 8, idleMinutes: null, timeoutSeconds: 60 },
});

interface Props {
  readonly runs: { readonly subscription: Subscription } | { readonly model: OwnModel };
  readonly value: EndpointChoice;
  readonly onChange: (value: EndpointChoice) => void;
}

/** What an endpoint runs, and how much of it. The rest is for the command line and the API. */
export function EndpointForm({ runs, value, onChange }: Props) {
  const s = 'subscription' in runs ? runs.subscription : null;
  const product = useQuery({
    ...catalogQueries.product(s?.publisher ?? '', s?.product ?? ''),
    enabled: s !== null,
  });
  const types = useQuery(instanceTypesQuery());
  const { settings } = value;
  const set = (more: Partial<EndpointChoice['settings']>) =>
    onChange({ ...value, settings: { ...settings, ...more } });
  const supported =
    'model' in runs
      ? (runs.model.instanceTypes?.realtime ?? null)
      : (product.data?.versions.find((v) => v.number === value.version)?.instanceTypes.realtime ?? []);
  const offered = (types.data?.items ?? []).filter(
    (t) => t.enabled && (supported === null || supported.includes(t.name)),
  );
  const number = (label: string, description: string, key: 'concurrency' | 'timeoutSeconds', max: number) => (
    <NumberInput
      label={label}
      description={description}
      value={settings[key]}
      min={1}
      max={max}
      allowDecimal={false}
      onChange={(n) => set({ [key]: Number(n) || 1 })}
    />
  );
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {s ? (
        <Select
          label="Version"
          data={s.versions.map((v) => v.number)}
          value={value.version}
          onChange={(version) => version && onChange({ ...value, version })}
          allowDeselect={false}
        />
      ) : null}
      <Select
        label="Instance type"
        description="Those that it supports and the operator offers."
        placeholder={product.isLoading || types.isPending ? 'Loading' : 'Choose one'}
        data={offered.map((t) => ({
          value: t.name,
          label: `${t.name}: ${t.cpus} ${t.cpus === 1 ? 'CPU' : 'CPUs'}, ${t.memoryMb} MB`,
        }))}
        value={value.instanceType || null}
        onChange={(instanceType) => instanceType && onChange({ ...value, instanceType })}
        allowDeselect={false}
        withAsterisk
      />
      <div className="row" style={{ '--gap': '16px', alignItems: 'flex-start' }}>
        <NumberInput
          label="Instances at least"
          value={settings.instancesMin}
          min={1}
          max={20}
          allowDecimal={false}
          onChange={(n) => {
            const least = Number(n) || 1;
            set({ instancesMin: least, instancesMax: Math.max(least, settings.instancesMax) });
          }}
        />
        <NumberInput
          label="Instances at most"
          value={settings.instancesMax}
          min={settings.instancesMin}
          max={20}
          allowDecimal={false}
          onChange={(n) => set({ instancesMax: Number(n) || settings.instancesMin })}
        />
      </div>
      {number(
        'Calls at a time of one instance',
        'More wait their turn, and make it grow.',
        'concurrency',
        1000,
      )}
      {number(
        'Longest answer, in seconds',
        'Answers that are streamed may take up to 8 minutes.',
        'timeoutSeconds',
        900,
      )}
      <Switch
        label="Sleep while nobody calls"
        description="The next call wakes it and waits until it answers."
        checked={settings.idleMinutes !== null}
        onChange={(event) => set({ idleMinutes: event.currentTarget.checked ? 30 : null })}
      />
      {settings.idleMinutes === null ? null : (
        <NumberInput
          label="Minutes without a call"
          value={settings.idleMinutes}
          min={1}
          max={1440}
          allowDecimal={false}
          onChange={(n) => set({ idleMinutes: Number(n) || 1 })}
        />
      )}
    </div>
  );
}
