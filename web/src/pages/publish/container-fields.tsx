import { Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import type { ContainerForm } from './container-form.ts';

interface Props {
  readonly value: ContainerForm;
  readonly onChange: (value: ContainerForm) => void;
  readonly label?: string;
  /** What the image does, and what happens without one. */
  readonly purpose?: string;
  /** Shown while none is chosen. */
  readonly otherwise?: string;
}

/** Images that passed their checks; those that did not cannot be chosen. */
export function ContainerFields({
  value,
  onChange,
  label = 'Container image',
  purpose = 'Serves the model. Without one, Souk’s own server runs it, and it must be ONNX.',
  otherwise = 'Souk’s own server',
}: Props) {
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
        label={label}
        description={
          images.isSuccess && known.length === 0
            ? `${purpose} None of your images has passed its checks.`
            : purpose
        }
        placeholder={otherwise}
        clearable
        searchable
        data={known}
        value={value.image || null}
        onChange={(image) => onChange({ ...value, image: image ?? '' })}
      />
      {value.image ? (
        <Textarea
          label={label === 'Container image' ? 'Environment' : `Environment of the ${label.toLowerCase()}`}
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
