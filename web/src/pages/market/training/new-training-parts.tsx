import { Checkbox, Select, TextInput } from '@mantine/core';
import type { Finding, Trainable } from '../../../api/types.ts';
import type { ChannelForm, Form, HyperParameter, RangeForm } from './training-form.ts';

interface Props {
  readonly algorithm: Trainable;
  readonly form: Form;
  readonly set: (part: Partial<Form>) => void;
  /** What the server said about a field. */
  readonly at: (pointer: string) => string | undefined;
}

/** A tuning's trainings are described below `/training`: the same fields, the same words. */
export function messageAt(findings: readonly Finding[], pointer: string): string | undefined {
  const found = findings.filter(
    (f) =>
      f.pointer === pointer ||
      f.pointer === `/training${pointer}` ||
      f.pointer === `/training${pointer.replace('/hyperParameters', '/staticHyperParameters')}`,
  );
  return found.length === 0 ? undefined : found.map((f) => `${f.message} ${f.remedy}`).join(' ');
}

type TypedName = 'instanceCount' | 'volume' | 'hours' | 'checkpoints' | 'output' | 'maxJobs' | 'parallel';

interface TypedProps extends Omit<Props, 'algorithm'> {
  readonly label: string;
  readonly name: TypedName;
  /** Where the server's words about it are. */
  readonly pointer: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly inputMode?: 'numeric' | 'decimal';
}

/** One line of text of the form, with what the server says about it. */
export function TypedField({ label, name, pointer, form, set, at, ...more }: TypedProps) {
  return (
    <TextInput
      label={label}
      value={form[name]}
      error={at(pointer)}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      {...more}
    />
  );
}

export function ChannelFields({ algorithm, form, set, at }: Props) {
  const change = (name: string, part: Partial<ChannelForm>) => {
    const before = form.channels[name];
    if (before) set({ channels: { ...form.channels, [name]: { ...before, ...part } } });
  };
  // The server counts the channels that were sent.
  const sent = Object.entries(form.channels)
    .filter(([, c]) => c.uri.trim() !== '')
    .map(([name]) => name);
  const missing = at('/inputDataConfig');
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {algorithm.specification.trainingChannels.map((c) => {
        const own = form.channels[c.name];
        const i = sent.indexOf(c.name);
        const error = ['uri', 'contentType', 'inputMode', 'compressionType', 'channelName']
          .map((field) => (i < 0 ? undefined : at(`/inputDataConfig/${i}/${field}`)))
          .find(Boolean);
        if (!own) return null;
        return (
          <div key={c.name} className="stack" style={{ '--gap': '8px' }}>
            <TextInput
              label={c.isRequired ? c.name : `${c.name} (optional)`}
              description={`${c.description ? `${c.description} ` : ''}A file, or a prefix that ends with /. Takes ${c.supportedContentTypes.join(', ')}.`}
              placeholder="souk://<account>/data/train.csv"
              value={own.uri}
              error={error ?? (c.isRequired && own.uri === '' ? missing : undefined)}
              onChange={(event) => change(c.name, { uri: event.currentTarget.value })}
            />
            <div className="row">
              {c.supportedContentTypes.length > 1 ? (
                <Select
                  aria-label={`Content type of ${c.name}`}
                  size="xs"
                  allowDeselect={false}
                  data={c.supportedContentTypes}
                  value={own.contentType}
                  onChange={(value) => change(c.name, { contentType: value ?? '' })}
                />
              ) : null}
              {c.supportedInputModes.length > 1 ? (
                <Select
                  aria-label={`Input mode of ${c.name}`}
                  size="xs"
                  allowDeselect={false}
                  data={c.supportedInputModes}
                  value={own.mode}
                  onChange={(value) => change(c.name, { mode: value ?? 'File' })}
                />
              ) : null}
              <Checkbox
                size="xs"
                label="gzip, to be unpacked"
                aria-label={`The files of ${c.name} are gzip and are to be unpacked`}
                checked={own.gzip}
                onChange={(event) => change(c.name, { gzip: event.currentTarget.checked })}
              />
            </div>
          </div>
        );
      })}
    </div>
  );
}

const takes = (h: HyperParameter) =>
  [
    h.description,
    h.range?.min !== undefined || h.range?.max !== undefined
      ? `${h.type}, ${h.range?.min ?? '…'} to ${h.range?.max ?? '…'}.`
      : `${h.type}.`,
  ]
    .filter(Boolean)
    .join(' ');

export function HyperParameterFields({ algorithm, form, set, at }: Props) {
  const list = algorithm.specification.supportedHyperParameters ?? [];
  if (list.length === 0) return <p className="muted">The algorithm has none.</p>;
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {list.map((h) => (
        <div key={h.name} className="stack" style={{ '--gap': '8px' }}>
          {form.kind === 'tuning' && form.ranges[h.name]?.tuned ? (
            <RangeFields h={h} form={form} set={set} />
          ) : (
            <ValueField h={h} form={form} set={set} error={at(`/hyperParameters/${h.name}`)} />
          )}
          {form.kind === 'tuning' && h.isTunable ? <TunedBox h={h} form={form} set={set} /> : null}
        </div>
      ))}
    </div>
  );
}

interface OneProps {
  readonly h: HyperParameter;
  readonly form: Form;
  readonly set: (part: Partial<Form>) => void;
}

function ValueField({ h, form, set, error }: OneProps & { error: string | undefined }) {
  const value = form.values[h.name] ?? '';
  const change = (next: string) => set({ values: { ...form.values, [h.name]: next } });
  const label = h.isRequired && h.defaultValue === undefined ? h.name : `${h.name} (optional)`;
  if (h.type === 'Categorical')
    return (
      <Select
        label={label}
        description={takes(h)}
        data={h.range?.values ?? []}
        placeholder={h.defaultValue ? `${h.defaultValue}, unless you choose` : 'Choose'}
        value={value === '' ? null : value}
        clearable
        error={error}
        onChange={(next) => change(next ?? '')}
      />
    );
  return (
    <TextInput
      label={label}
      description={takes(h)}
      placeholder={h.defaultValue ?? ''}
      value={value}
      error={error}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

const noRange: RangeForm = { tuned: false, min: '', max: '', logarithmic: false };

function RangeFields({ h, form, set }: OneProps) {
  const range = form.ranges[h.name] ?? noRange;
  const change = (part: Partial<RangeForm>) =>
    set({ ranges: { ...form.ranges, [h.name]: { ...range, ...part } } });
  if (h.type === 'Categorical')
    return (
      <p>
        <strong>{h.name}</strong>: each of {(h.range?.values ?? []).join(', ')} is tried.
      </p>
    );
  return (
    <div className="row" style={{ alignItems: 'flex-end' }}>
      <TextInput
        label={`${h.name} from`}
        value={range.min}
        onChange={(event) => change({ min: event.currentTarget.value })}
      />
      <TextInput
        label={`${h.name} to`}
        value={range.max}
        onChange={(event) => change({ max: event.currentTarget.value })}
      />
      <Checkbox
        size="xs"
        label="by powers"
        aria-label={`${h.name} is searched on a logarithmic scale`}
        checked={range.logarithmic}
        onChange={(event) => change({ logarithmic: event.currentTarget.checked })}
      />
    </div>
  );
}

function TunedBox({ h, form, set }: OneProps) {
  const range = form.ranges[h.name] ?? noRange;
  return (
    <Checkbox
      size="xs"
      label={`Tune ${h.name}`}
      checked={range.tuned}
      onChange={(event) =>
        set({ ranges: { ...form.ranges, [h.name]: { ...range, tuned: event.currentTarget.checked } } })
      }
    />
  );
}

export function TuningFields({ algorithm, form, set, at }: Props) {
  const objectives = algorithm.specification.supportedTuningJobObjectiveMetrics ?? [];
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      <Select
        label="Objective"
        allowDeselect={false}
        data={objectives.map((o) => `${o.type} ${o.metricName}`)}
        value={form.objective}
        error={at('/config/objective')}
        onChange={(value) => set({ objective: value ?? '' })}
      />
      <Select
        label="Strategy"
        description="Bayesian learns from the trainings before; random draws; a grid goes through every combination."
        allowDeselect={false}
        data={['Bayesian', 'Random', 'Grid']}
        value={form.strategy}
        onChange={(value) => set({ strategy: (value ?? 'Bayesian') as Form['strategy'] })}
      />
      <TypedField
        label="Trainings altogether"
        inputMode="numeric"
        name="maxJobs"
        pointer="/config/maxJobs"
        form={form}
        set={set}
        at={at}
      />
      <TypedField
        label="At a time"
        inputMode="numeric"
        name="parallel"
        pointer="/config/maxParallelJobs"
        form={form}
        set={set}
        at={at}
      />
      <Checkbox
        label="End those early that are worse than most"
        checked={form.earlyStopping}
        onChange={(event) => set({ earlyStopping: event.currentTarget.checked })}
      />
      {at('/config/ranges') ? <p className="bad">{at('/config/ranges')}</p> : null}
    </div>
  );
}
