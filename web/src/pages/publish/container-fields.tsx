import { Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';

/** The image that runs a package, and what is set in it; `''` where Souk's own server does. */
export interface ContainerForm {
  readonly image: string;
  readonly environment: string;
}

export const noContainer: ContainerForm = { image: '', environment: '' };

/** As the API takes it; lines that set nothing are left out. */
export function containerOf({ image, environment }: ContainerForm) {
  const pairs = environment
    .split('\n')
    .map((line) => /^\s*([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/.exec(line))
    .flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : []));
  return { image, ...(pairs.length > 0 ? { environment: Object.fromEntries(pairs) } : {}) };
}

/** Images that passed their checks; those that did not cannot be chosen. */
export function ContainerFields({
  value,
  onChange,
}: {
  value: ContainerForm;
  onChange: (value: ContainerForm) => void;
}) {
  const images = useQuery({
    queryKey: ['images', 'usable'],
    queryFn: () => take(api.GET('/api/images', { params: { query: { status: 'Completed', limit: 200 } } })),
  });
  const known = (images.data?.items ?? []).flatMap((i) =>
    i.digest ? [{ value: i.digest, label: `${i.name} (${i.digest.slice(7, 19)})` }] : [],
  );
  return (
    <>
      <Select
        label="Container image"
        description={
          known.length === 0
            ? 'None of your images has passed its checks. Without one, Souk’s own server runs the model, which must be ONNX.'
            : 'Serves the model. Without one, Souk’s own server runs it, and it must be ONNX.'
        }
        placeholder="Souk’s own server"
        clearable
        searchable
        data={known}
        value={value.image || null}
        onChange={(image) => onChange({ ...value, image: image ?? '' })}
      />
      {value.image ? (
        <Textarea
          label="Environment"
          description="One NAME=value on each line. No place for secrets."
          autosize
          minRows={2}
          spellCheck={false}
          value={value.environment}
          onChange={(event) => onChange({ ...value, environment: event.currentTarget.value })}
        />
      ) : null}
    </>
  );
}
