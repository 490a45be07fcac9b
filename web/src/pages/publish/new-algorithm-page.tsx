import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { isApiError } from '../../api/errors.ts';
import { algorithmQueries } from '../../api/queries/algorithms.ts';
import { instanceTypesQuery } from '../../api/queries/catalog.ts';
import { queryClient } from '../../api/query-client.ts';
import type { NewAlgorithm, Upload } from '../../api/types.ts';
import { FileDrop } from '../../components/file-drop.tsx';
import { FindingList } from '../../components/finding.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { formatBytes } from '../../format/format.ts';
import { algorithmOf, algorithmTemplate } from './algorithm-form.ts';
import { ContainerFields } from './container-fields.tsx';
import { noContainer } from './container-form.ts';

/** Upload the program and say what it takes, in the words of the API: the same file serves `souk algorithms push`. */
export function NewAlgorithmPage() {
  const navigate = useNavigate();
  const [upload, setUpload] = useState<Upload | null>(null);
  const [name, setName] = useState('');
  const [text, setText] = useState(algorithmTemplate);
  const [training, setTraining] = useState(noContainer);
  const [serving, setServing] = useState(noContainer);
  const instanceTypes = useQuery(instanceTypesQuery());
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const register = useMutation({
    mutationFn: (body: NewAlgorithm) => take(api.POST('/api/algorithms', { body })),
    onSuccess: async (algorithm) => {
      void queryClient.invalidateQueries({ queryKey: ['algorithms'] });
      queryClient.setQueryData(algorithmQueries.algorithm(algorithm.name).queryKey, algorithm);
      await navigate(`/publish/algorithms/${algorithm.name}`);
    },
  });
  const runs = upload !== null || training.image !== '';
  const submit = () => {
    const offered = (instanceTypes.data?.items ?? []).filter((i) => i.enabled).map((i) => i.name);
    try {
      const body = algorithmOf({ name, uploadId: upload?.id ?? null, text, training, serving }, offered);
      setUnreadable(null);
      register.mutate(body);
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
                hint="A .tar.gz, .tar or .zip with a script named train at its top; an image needs none"
                accept=".tar.gz,.tgz,.tar,.zip"
                purpose="model"
                onUploaded={(done) => setUpload(done)}
              />
            )}
            <ContainerFields
              label="Training image"
              purpose="Started with train, over /opt/ml. Without one, the program is trained in Souk’s sandbox."
              otherwise="None: the program’s own script"
              value={training}
              onChange={(value) => {
                setTraining(value);
                if (!value.image) setServing(noContainer);
              }}
            />
            {training.image ? (
              <ContainerFields
                label="Serving image"
                purpose="Started with serve for what was trained, with the model in /opt/ml/model."
                otherwise="The training image"
                value={serving}
                onChange={setServing}
              />
            ) : null}
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
          <Button type="submit" disabled={!runs || name.trim() === ''} loading={register.isPending}>
            Register
          </Button>
          {runs ? null : <span className="small faint">Upload the program first, or choose an image.</span>}
        </div>
      </form>
    </Page>
  );
}
