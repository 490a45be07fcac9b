import { Select } from '@mantine/core';
import { limits } from '@souk/contract/limits';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { algorithmQueries } from '../../../api/queries/algorithms.ts';
import type { Version } from '../../../api/types.ts';
import { TrainingTables } from '../../../components/training-tables.tsx';
import { DraftField, DraftPlace, useEditor } from './editor-context.tsx';

interface Props {
  readonly at: string;
  readonly version: Version;
  readonly onChange: (version: Version) => void;
}

/** What a version of an algorithm product has in place of a model package, and besides. */
export function AlgorithmFields({ at, version, onChange }: Props) {
  const name = version.algorithmArn?.split(':algorithm/')[1] ?? '';
  const chosen = useQuery({ ...algorithmQueries.algorithm(name), retry: false });
  const specification = chosen.data?.trainingSpecification;
  const setTraining = (part: Partial<NonNullable<Version['training']>>) =>
    onChange({ ...version, training: { ...version.training, ...part } });
  return (
    <>
      <AlgorithmChoice at={at} version={version} onChange={onChange} />
      <DraftField
        at={`${at}/training/overview`}
        label="Overview of the algorithm"
        description="What it learns and how. Markdown."
        required
        rows={4}
        charsMax={limits.algorithmOverviewChars}
        value={version.training?.overview}
        onChange={(overview) => setTraining({ overview })}
      />
      <DraftField
        at={`${at}/training/description`}
        label="Training data"
        description="What each channel’s files must look like, how much is needed, what is refused. Markdown."
        required
        rows={4}
        charsMax={limits.trainingDescriptionChars}
        value={version.training?.description}
        onChange={(description) => setTraining({ description })}
      />
      <DraftField
        at={`${at}/training/sample`}
        label="Example of the training data"
        description="Some rows as text; or give the address of a file below."
        rows={4}
        charsMax={limits.sampleChars}
        value={version.training?.sample}
        onChange={(sample) => setTraining({ sample })}
      />
      <DraftField
        at={`${at}/training/sampleUrl`}
        label="Example as a file"
        type="url"
        placeholder="https://"
        charsMax={limits.urlChars}
        value={version.training?.sampleUrl}
        onChange={(sampleUrl) => setTraining({ sampleUrl })}
      />
      {specification ? (
        <>
          <TrainingType
            at={at}
            version={version}
            types={specification.supportedTrainingInstanceTypes ?? []}
            onChange={onChange}
          />
          <TrainingTables specification={specification} trial={chosen.data?.trial ?? null} />
          <p className="small muted">
            Shown to buyers as it was registered; it is not written here a second time.
          </p>
        </>
      ) : null}
    </>
  );
}

function AlgorithmChoice({ at, version, onChange }: Props) {
  const { editable } = useEditor();
  const list = useInfiniteQuery(algorithmQueries.list());
  const arn = version.algorithmArn;
  const listed = (list.data?.pages.flatMap((p) => p.items) ?? []).filter(
    (a) => a.status === 'Completed' || a.arn === arn,
  );
  const options = listed.map((a) => ({
    value: a.arn,
    label: a.status === 'Completed' ? a.name : `${a.name} (${a.status})`,
  }));
  if (arn && !listed.some((a) => a.arn === arn)) options.push({ value: arn, label: arn });
  return (
    <DraftPlace at={`${at}/algorithmArn`}>
      <Select
        label="Algorithm"
        required
        description={
          <>
            Registered and completed. <Link to="/publish/algorithms/new">Register an algorithm</Link>
          </>
        }
        placeholder={options.length === 0 ? 'No completed algorithm yet' : 'Choose one'}
        data={options}
        searchable
        value={arn ?? null}
        allowDeselect={false}
        disabled={!editable}
        onChange={(algorithmArn) => algorithmArn && onChange({ ...version, algorithmArn })}
      />
    </DraftPlace>
  );
}

function TrainingType({ at, version, types, onChange }: Props & { readonly types: readonly string[] }) {
  const { editable } = useEditor();
  const { training: chosen, ...others } = version.recommendedInstanceTypes ?? {};
  return (
    <DraftPlace at={`${at}/recommendedInstanceTypes/training`}>
      <Select
        label="Recommended for training"
        data={[...types]}
        clearable
        value={chosen ?? null}
        disabled={!editable}
        onChange={(value) =>
          onChange({ ...version, recommendedInstanceTypes: value ? { ...others, training: value } : others })
        }
      />
    </DraftPlace>
  );
}
