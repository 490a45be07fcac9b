import { Button, MultiSelect, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { isApiError } from '../../api/errors.ts';
import { instanceTypesQuery } from '../../api/queries/catalog.ts';
import { modelQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Upload } from '../../api/types.ts';
import { FileDrop } from '../../components/file-drop.tsx';
import { FindingList } from '../../components/finding.tsx';
import { TextField } from '../../components/form-field.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { formatBytes } from '../../format/format.ts';
import { type Batching, BatchingFields } from './batching-fields.tsx';
import { ContainerFields } from './container-fields.tsx';
import { containerOf, noContainer } from './container-form.ts';
import { ServerField } from './server-field.tsx';

const contentTypes = ['application/json', 'text/csv'];

/** Upload, say how it is called, give a sample: everything that the checks need to run the model once. */
export function NewModelPage() {
  const navigate = useNavigate();
  const [upload, setUpload] = useState<Upload | null>(null);
  const [container, setContainer] = useState(noContainer);
  const [server, setServer] = useState('');
  const [batching, setBatching] = useState<Batching | null>(null);
  const [form, setForm] = useState({
    name: '',
    description: '',
    takes: contentTypes,
    answers: contentTypes,
    realtime: null as string[] | null,
    batch: null as string[] | null,
    certify: true,
    inputType: 'application/json',
    input: '',
    outputType: 'application/json',
    output: '',
  });
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const instanceTypes = useQuery(instanceTypesQuery());
  const names = instanceTypes.data?.items.filter((i) => i.enabled).map((i) => i.name) ?? [];
  const realtime = form.realtime ?? names;
  const batch = form.batch ?? names;
  const register = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/model-packages', {
          body: {
            name: form.name.trim(),
            ...(form.description.trim() ? { description: form.description.trim() } : {}),
            ...(upload && !server ? { uploadId: upload.id } : {}),
            inferenceSpecification: {
              supportedContentTypes: form.takes,
              supportedResponseMIMETypes: form.answers,
              supportedRealtimeInferenceInstanceTypes: realtime,
              supportedTransformInstanceTypes: batch,
              ...(server
                ? { server }
                : container.image
                  ? { container: containerOf(container) }
                  : batching
                    ? { batching }
                    : {}),
            },
            validationSpecification: {
              validationProfiles: [
                {
                  profileName: 'sample',
                  input: { contentType: form.inputType, body: form.input },
                  expected: {
                    contentType: form.outputType,
                    ...(form.output.trim() ? { body: form.output } : {}),
                  },
                },
              ],
            },
            certifyForMarketplace: form.certify,
          },
        }),
      ),
    onSuccess: async (model) => {
      void queryClient.invalidateQueries({ queryKey: ['models'] });
      queryClient.setQueryData(modelQueries.model(model.name).queryKey, model);
      await navigate(`/publish/models/${model.name}`);
    },
  });
  const runs = upload !== null || container.image !== '' || server !== '';
  const complete =
    runs &&
    form.name !== '' &&
    form.input !== '' &&
    form.takes.length > 0 &&
    form.answers.length > 0 &&
    realtime.length > 0 &&
    batch.length > 0;
  return (
    <Page
      title="Register a model"
      trail={[{ label: 'Model packages', to: '/publish/models' }]}
      lead="Its checks start at once: the archive is opened safely, scanned, the model is read and run on your sample."
      width="narrow"
    >
      <form
        className="stack"
        style={{ '--gap': '20px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (complete) register.mutate();
        }}
      >
        <Panel title="Model">
          <div className="stack" style={{ '--gap': '16px' }}>
            <ServerField value={server} onChange={setServer} />
            {server ? null : upload ? (
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
                label="Drop the model here, or choose it"
                hint="An .onnx file, or a .tar.gz or .zip with it and its external data; for an image, what it finds in /opt/ml/model"
                accept=".onnx,.tar.gz,.tgz,.zip"
                purpose="model"
                onUploaded={(done, file) => {
                  setUpload(done);
                  if (!form.name) set({ name: suggestedName(file.name) });
                }}
              />
            )}
            {server ? null : <ContainerFields value={container} onChange={setContainer} />}
            <TextInput
              label="Name"
              description="Part of its ARN. Letters, digits and inner hyphens; one name, one model, for ever."
              required
              withAsterisk={false}
              maxLength={63}
              pattern="[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
              title="Letters, digits and inner hyphens"
              value={form.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <TextField
              label="Description"
              charsMax={1024}
              rows={2}
              value={form.description}
              onChange={(description) => set({ description })}
            />
          </div>
        </Panel>
        <Panel
          title="Sample"
          note="Sent to the model in its checks. Buyers see it: use data that you may show."
        >
          <div className="stack" style={{ '--gap': '16px' }}>
            <Select
              label="Input content type"
              data={contentTypes}
              value={form.inputType}
              allowDeselect={false}
              onChange={(value) => set({ inputType: value ?? form.inputType })}
            />
            <Textarea
              label="Sample input"
              required
              withAsterisk={false}
              rows={6}
              spellCheck={false}
              styles={mono}
              value={form.input}
              onChange={(event) => set({ input: event.currentTarget.value })}
            />
            <Select
              label="Answer content type"
              data={contentTypes}
              value={form.outputType}
              allowDeselect={false}
              onChange={(value) => set({ outputType: value ?? form.outputType })}
            />
            <Textarea
              label="Expected answer"
              description="An example. Its form is compared (keys, types, columns, lengths), not its numbers. May be left out."
              rows={6}
              spellCheck={false}
              styles={mono}
              value={form.output}
              onChange={(event) => set({ output: event.currentTarget.value })}
            />
          </div>
        </Panel>
        <Panel title="How it runs">
          <div className="stack" style={{ '--gap': '16px' }}>
            <MultiSelect
              label="Takes"
              data={contentTypes}
              value={form.takes}
              onChange={(takes) => set({ takes })}
            />
            <MultiSelect
              label="Answers"
              data={contentTypes}
              value={form.answers}
              onChange={(answers) => set({ answers })}
            />
            <MultiSelect
              label="Instance types for real-time calls"
              data={names}
              value={realtime}
              onChange={(value) => set({ realtime: value })}
            />
            <MultiSelect
              label="Instance types for batch"
              data={names}
              value={batch}
              onChange={(value) => set({ batch: value })}
            />
            {container.image || server ? null : <BatchingFields value={batching} onChange={setBatching} />}
            <Switch
              label="Certify for the marketplace"
              description="Needed to list it. It cannot be switched on later."
              checked={form.certify}
              onChange={(event) => set({ certify: event.currentTarget.checked })}
            />
          </div>
        </Panel>
        <ErrorNotice error={register.error} />
        <FindingList findings={isApiError(register.error) ? register.error.findings : []} />
        <div className="row">
          <Button type="submit" disabled={!complete} loading={register.isPending}>
            Register
          </Button>
          {runs ? null : <span className="small faint">Upload the model first, or choose an image.</span>}
        </div>
      </form>
    </Page>
  );
}

const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12.5 } };

const suggestedName = (fileName: string) =>
  fileName
    .replace(/\.(onnx|tar\.gz|tgz|zip)$/i, '')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
