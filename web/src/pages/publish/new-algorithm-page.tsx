import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { isApiError } from '../../api/errors.ts';
import { algorithmQueries } from '../../api/queries/algorithms.ts';
import { queryClient } from '../../api/query-client.ts';
import type { NewAlgorithm, Upload } from '../../api/types.ts';
import { FileDrop } from '../../components/file-drop.tsx';
import { FindingList } from '../../components/finding.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { formatBytes } from '../../format/format.ts';

/** Upload the program and say what it takes, in the words of the API: the same file serves `souk algorithms push`. */
export function NewAlgorithmPage() {
  const navigate = useNavigate();
  const [upload, setUpload] = useState<Upload | null>(null);
  const [name, setName] = useState('');
  const [text, setText] = useState(template);
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const register = useMutation({
    mutationFn: (body: NewAlgorithm) => take(api.POST('/api/algorithms', { body })),
    onSuccess: async (algorithm) => {
      void queryClient.invalidateQueries({ queryKey: ['algorithms'] });
      queryClient.setQueryData(algorithmQueries.algorithm(algorithm.name).queryKey, algorithm);
      await navigate(`/publish/algorithms/${algorithm.name}`);
    },
  });
  const submit = () => {
    if (!upload) return;
    try {
      const said = JSON.parse(text) as Omit<NewAlgorithm, 'name' | 'uploadId'>;
      setUnreadable(null);
      register.mutate({ ...said, name: name.trim(), uploadId: upload.id });
    } catch (error) {
      setUnreadable((error as Error).message);
    }
  };
  return (
    <Page
      title="Register an algorithm"
      trail={[{ label: 'Algorithms', to: '/publish/algorithms' }]}
      lead="Its checks start at once: the archive is opened safely and scanned, the program is trained with your sample in a sandbox, and the model that it makes is called."
      width="narrow"
    >
      <form
        className="stack"
        style={{ '--gap': '20px' }}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Panel title="Program">
          <div className="stack" style={{ '--gap': '16px' }}>
            {upload ? (
              <Notice
                tone="good"
                title={upload.fileName}
                actions={
                  <Button size="compact-sm" variant="subtle" onClick={() => setUpload(null)}>
                    Another file
                  </Button>
                }
              >
                {formatBytes(upload.sizeBytes)} arrived and verified.
              </Notice>
            ) : (
              <FileDrop
                label="Drop the program here, or choose it"
                hint="A .tar.gz, .tar or .zip with a script named train at its top"
                accept=".tar.gz,.tgz,.tar,.zip"
                purpose="model"
                onUploaded={(done) => setUpload(done)}
              />
            )}
            <TextInput
              label="Name"
              description="Part of its ARN. Letters, digits and inner hyphens; one name, one program, for ever."
              required
              withAsterisk={false}
              maxLength={63}
              pattern="[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
              title="Letters, digits and inner hyphens"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </div>
        </Panel>
        <Panel
          title="Specification"
          note="Channels, hyperparameters, metrics and the sample training. Buyers see it"
        >
          <Textarea
            label="What the program takes, as JSON"
            description="As in the body of POST /api/algorithms; change the example to what your program reads and prints."
            autosize
            minRows={16}
            maxRows={40}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12.5 } }}
            value={text}
            error={unreadable ? `This is not JSON: ${unreadable}` : undefined}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </Panel>
        <ErrorNotice error={register.error} />
        <FindingList findings={isApiError(register.error) ? register.error.findings : []} />
        <div className="row">
          <Button type="submit" disabled={upload === null || name.trim() === ''} loading={register.isPending}>
            Register
          </Button>
          {upload ? null : <span className="small faint">Upload the program first.</span>}
        </div>
      </form>
    </Page>
  );
}

const template = JSON.stringify(
  {
    description: '',
    trainingSpecification: {
      trainingChannels: [
        {
          name: 'train',
          isRequired: true,
          supportedContentTypes: ['text/csv'],
          supportedInputModes: ['File', 'FastFile'],
        },
      ],
      supportedHyperParameters: [
        {
          name: 'epochs',
          type: 'Integer',
          range: { min: '1', max: '1000' },
          defaultValue: '100',
          isTunable: true,
        },
      ],
      metricDefinitions: [{ name: 'train:loss', regex: 'train_loss=([0-9.]+)' }],
      supportedTuningJobObjectiveMetrics: [{ type: 'Minimize', metricName: 'train:loss' }],
    },
    validationSpecification: {
      validationProfiles: [
        {
          profileName: 'sample',
          training: {
            hyperParameters: { epochs: '10' },
            channels: [
              {
                channelName: 'train',
                contentType: 'text/csv',
                files: [{ name: 'rows.csv', text: 'a,b,class\n1,2,x\n3,4,y\n' }],
              },
            ],
          },
          input: { contentType: 'application/json', body: '{"features": [[1, 2]]}' },
          expected: { contentType: 'application/json', body: '{"label": ["x"]}' },
        },
      ],
    },
  },
  null,
  2,
);
