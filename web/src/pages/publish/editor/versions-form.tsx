import { Button, SegmentedControl, Select } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { modelQueries } from '../../../api/queries/publish.ts';
import type { ModelPackage, Version } from '../../../api/types.ts';
import { AlgorithmFields } from './algorithm-fields.tsx';
import { DraftField, DraftPlace, useEditor } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { MarkdownField } from './markdown-field.tsx';
import { SideForm } from './side-form.tsx';

/** Versions are edited one at a time; the newest stands first in people's minds, so it is opened. */
export function VersionsForm() {
  const { document, change, editable, aimed } = useEditor();
  const versions = document.versions ?? [];
  const [chosen, setChosen] = useState(Math.max(0, versions.length - 1));
  const aimedIndex = aimed?.startsWith('/versions/') ? Number(aimed.split('/')[2]) : Number.NaN;
  useEffect(() => {
    if (Number.isInteger(aimedIndex)) setChosen(aimedIndex);
  }, [aimedIndex]);
  const setVersions = (next: Version[]) => change((before) => ({ ...before, versions: next }));
  const version = versions[chosen];
  return (
    <DraftPlace at="/versions">
      <div className="stack" style={{ '--gap': '16px' }}>
        <div className="row spread">
          {versions.length > 1 ? (
            <SegmentedControl
              aria-label="Version to edit"
              value={String(chosen)}
              onChange={(value) => setChosen(Number(value))}
              data={versions.map((v, i) => ({ value: String(i), label: v.number || `Version ${i + 1}` }))}
            />
          ) : (
            <span />
          )}
          {editable ? (
            <div className="row">
              {version && versions.length > 1 ? (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  onClick={() => {
                    setVersions(removeAt(versions, chosen));
                    setChosen(Math.max(0, chosen - 1));
                  }}
                >
                  Remove {version.number || 'this version'}
                </Button>
              ) : null}
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<PlusIcon />}
                onClick={() => {
                  setVersions([...versions, nextVersion(versions.at(-1))]);
                  setChosen(versions.length);
                }}
              >
                Add a version
              </Button>
            </div>
          ) : null}
        </div>
        {version ? (
          <VersionForm
            key={chosen}
            version={version}
            index={chosen}
            onChange={(next) => setVersions(replaceAt(versions, chosen, next))}
          />
        ) : null}
      </div>
    </DraftPlace>
  );
}

/** What is said about a version is mostly true of the next one as well. */
function nextVersion(last: Version | undefined): Version {
  if (!last) return { number: '1.0.0', state: 'listed' };
  const { modelPackageArn: _, algorithmArn: ____, releaseNotes: __, number: ___, ...rest } = last;
  return { ...rest, number: '', state: 'listed' };
}

interface Props {
  readonly version: Version;
  readonly index: number;
  readonly onChange: (version: Version) => void;
}

function VersionForm({ version, index, onChange }: Props) {
  const { editable, product } = useEditor();
  const at = `/versions/${index}`;
  const models = useInfiniteQuery(modelQueries.list());
  const all = models.data?.pages.flatMap((p) => p.items) ?? [];
  const model = all.find((m) => m.arn === version.modelPackageArn);
  const set = (part: Partial<Version>) => onChange({ ...version, ...part });
  return (
    <>
      <DraftField
        at={`${at}/number`}
        label="Number"
        description="As in 1.2.0. Part of the call’s address; stays after the release."
        required
        charsMax={limits.versionNumberChars}
        value={version.number}
        onChange={(number) => set({ number })}
      />
      {product.type === 'algorithm' ? (
        <AlgorithmFields at={at} version={version} onChange={onChange} />
      ) : (
        <ModelChoice
          at={at}
          version={version}
          models={all}
          onChoose={(modelPackageArn) => set({ modelPackageArn })}
        />
      )}
      <DraftPlace at={`${at}/state`}>
        <Select
          label="State"
          description="A restricted version stays usable by those who have it; nobody new gets it."
          data={[
            { value: 'listed', label: 'Listed' },
            { value: 'restricted', label: 'Restricted' },
          ]}
          value={version.state ?? 'listed'}
          allowDeselect={false}
          disabled={!editable}
          onChange={(state) => set({ state: state as 'listed' | 'restricted' })}
        />
      </DraftPlace>
      <MarkdownField
        at={`${at}/releaseNotes`}
        label="Release notes"
        description="What is new, and what a buyer has to change."
        required
        rows={4}
        charsMax={limits.releaseNotesChars}
        value={version.releaseNotes}
        onChange={(releaseNotes) => set({ releaseNotes })}
      />
      <MarkdownField
        at={`${at}/usageInstructions`}
        label="Usage instructions"
        description="How to call it well."
        required
        rows={6}
        charsMax={limits.usageInstructionsChars}
        value={version.usageInstructions}
        onChange={(usageInstructions) => set({ usageInstructions })}
      />
      <SideForm
        title="Input"
        at={`${at}/input`}
        side={version.input}
        charsMax={limits.inputDescriptionChars}
        contentTypes={model?.inferenceSpecification.supportedContentTypes}
        onChange={(input) => set({ input })}
      />
      <SideForm
        title="Output"
        at={`${at}/output`}
        side={version.output}
        charsMax={limits.outputDescriptionChars}
        contentTypes={model?.inferenceSpecification.supportedResponseMIMETypes}
        onChange={(output) => set({ output })}
      />
      <Recommended at={at} version={version} model={model} onChange={onChange} />
      <DraftField
        at={`${at}/notebookUrl`}
        label="Notebook"
        type="url"
        placeholder="https://"
        charsMax={limits.urlChars}
        value={version.notebookUrl}
        onChange={(notebookUrl) => set({ notebookUrl })}
      />
      <DraftField
        at={`${at}/repositoryUrl`}
        label="Repository"
        type="url"
        placeholder="https://"
        charsMax={limits.urlChars}
        value={version.repositoryUrl}
        onChange={(repositoryUrl) => set({ repositoryUrl })}
      />
    </>
  );
}

interface ModelChoiceProps {
  readonly at: string;
  readonly version: Version;
  readonly models: readonly ModelPackage[];
  readonly onChoose: (arn: string) => void;
}

function ModelChoice({ at, version, models, onChoose }: ModelChoiceProps) {
  const { editable } = useEditor();
  const arn = version.modelPackageArn;
  const listed = models.filter((m) => m.status === 'Completed' || m.arn === arn);
  const options = listed.map((m) => ({
    value: m.arn,
    label: m.status === 'Completed' ? m.name : `${m.name} (${m.status})`,
  }));
  if (arn && !listed.some((m) => m.arn === arn)) options.push({ value: arn, label: arn });
  return (
    <DraftPlace at={`${at}/modelPackageArn`}>
      <Select
        label="Model package"
        required
        description={
          <>
            Registered and completed. <Link to="/publish/models/new">Register a model</Link>
          </>
        }
        placeholder={options.length === 0 ? 'No completed model package yet' : 'Choose one'}
        data={options}
        searchable
        value={arn ?? null}
        allowDeselect={false}
        disabled={!editable}
        onChange={(value) => value && onChoose(value)}
      />
    </DraftPlace>
  );
}

interface RecommendedProps {
  readonly at: string;
  readonly version: Version;
  readonly model: ModelPackage | undefined;
  readonly onChange: (version: Version) => void;
}

function Recommended({ at, version, model, onChange }: RecommendedProps) {
  const { editable } = useEditor();
  if (!model) return null;
  const { recommendedInstanceTypes = {} } = version;
  const supported = {
    realtime: model.inferenceSpecification.supportedRealtimeInferenceInstanceTypes,
    batch: model.inferenceSpecification.supportedTransformInstanceTypes,
  };
  const choose = (use: 'realtime' | 'batch', value: string | null) => {
    const { [use]: _, ...rest } = recommendedInstanceTypes;
    onChange({ ...version, recommendedInstanceTypes: value ? { ...rest, [use]: value } : rest });
  };
  return (
    <div className="row" style={{ alignItems: 'flex-start' }}>
      {(['realtime', 'batch'] as const).map((use) => (
        <div key={use} className="grow">
          <DraftPlace at={`${at}/recommendedInstanceTypes/${use}`}>
            <Select
              label={use === 'realtime' ? 'Recommended for calls' : 'Recommended for batch'}
              data={supported[use]}
              clearable
              value={recommendedInstanceTypes[use] ?? null}
              disabled={!editable}
              onChange={(value) => choose(use, value)}
            />
          </DraftPlace>
        </div>
      ))}
    </div>
  );
}
