import { ActionIcon, Select, TextInput } from '@mantine/core';
import { TrashIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { SampleFile, Upload } from '../../../api/types.ts';
import { FileDrop } from '../../../components/file-drop.tsx';
import { formatBytes } from '../../../format/format.ts';
import { DraftField, DraftPlace, useEditor } from './editor-context.tsx';

export interface SamplesValue {
  readonly contentType?: string;
  readonly realtime?: string;
  readonly realtimeFile?: SampleFile | null;
  readonly batch?: string;
  readonly batchFile?: SampleFile | null;
}

interface Props {
  readonly at: string;
  readonly word: string;
  readonly samples: SamplesValue;
  readonly contentTypes: readonly string[] | undefined;
  readonly required?: boolean;
  readonly onChange: (samples: SamplesValue) => void;
}

/** Samples in one content type: each a text, or a file that buyers save. */
export function SamplesFields({ at, word, samples, contentTypes, required, onChange }: Props) {
  const { editable } = useEditor();
  const { contentType } = samples;
  return (
    <>
      <DraftPlace at={`${at}/contentType`}>
        {contentTypes && contentTypes.length > 0 ? (
          <Select
            label={`Content type of the ${word} samples`}
            data={[...new Set([...contentTypes, ...(contentType ? [contentType] : [])])]}
            value={contentType ?? null}
            disabled={!editable}
            onChange={(value) => value && onChange({ ...samples, contentType: value })}
          />
        ) : (
          <TextInput
            label={`Content type of the ${word} samples`}
            placeholder="application/json"
            value={contentType ?? ''}
            disabled={!editable}
            onChange={(event) => {
              const { contentType: _, ...rest } = samples;
              const value = event.currentTarget.value.trim();
              onChange(value ? { ...rest, contentType: value } : rest);
            }}
          />
        )}
      </DraftPlace>
      <Sample
        at={at}
        use="realtime"
        label={`Sample ${word} of one call`}
        samples={samples}
        required={required ?? false}
        onChange={onChange}
      />
      <Sample
        at={at}
        use="batch"
        label={`Sample ${word} of a batch`}
        samples={samples}
        required={false}
        onChange={onChange}
      />
    </>
  );
}

interface SampleProps {
  readonly at: string;
  readonly use: 'realtime' | 'batch';
  readonly label: string;
  readonly samples: SamplesValue;
  readonly required: boolean;
  readonly onChange: (samples: SamplesValue) => void;
}

function Sample({ at, use, label, samples, required, onChange }: SampleProps) {
  const { editable } = useEditor();
  const file = samples[`${use}File`];
  const text = samples[use];
  const set = (part: SamplesValue) => onChange({ ...samples, ...part });
  const onUploaded = ({ sha256, fileName, sizeBytes }: Upload) => {
    if (!sha256) return;
    const { [use]: _, ...rest } = samples;
    onChange({ ...rest, [`${use}File`]: { sha256, fileName, sizeBytes } });
  };
  return (
    <DraftPlace at={`${at}/${use}File`}>
      {file ? (
        <div>
          <p className="small" style={{ fontWeight: 500 }}>
            {label}
          </p>
          <div className="row-nowrap">
            <a href={`/api/samples/${file.sha256}`} download={file.fileName} className="break">
              {file.fileName}
            </a>
            <span className="small faint">{formatBytes(file.sizeBytes)}</span>
            {editable ? (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove the file: ${label}`}
                onClick={() => set({ [`${use}File`]: null })}
              >
                <TrashIcon />
              </ActionIcon>
            ) : null}
          </div>
        </div>
      ) : (
        <DraftField
          at={`${at}/${use}`}
          label={label}
          required={required}
          mono
          rows={use === 'realtime' ? 6 : 3}
          charsMax={limits.sampleChars}
          value={text}
          onChange={(value) => set({ [use]: value })}
        />
      )}
      {editable && !file && !text?.trim() ? (
        <FileDrop
          compact
          label="Give it as a file instead"
          hint={`Buyers save it; at most ${limits.sampleFileBytes / 2 ** 20} MiB`}
          purpose="sample"
          onUploaded={onUploaded}
        />
      ) : null}
    </DraftPlace>
  );
}
