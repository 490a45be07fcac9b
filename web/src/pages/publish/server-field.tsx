import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import { stateWord } from '../../components/status-badge.tsx';

interface Props {
  readonly value: string;
  readonly onChange: (server: string) => void;
}

/** Most accounts have none: then there is nothing to choose, and nothing is shown. */
export function ServerField({ value, onChange }: Props) {
  const servers = useQuery({ queryKey: ['own-servers'], queryFn: () => take(api.GET('/api/servers')) });
  const items = servers.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Select
      label="Where it runs"
      description="A server that the operator has opened to your account has its model itself: nothing is uploaded, and its weights are not scanned. Buyers read so."
      placeholder="Here, from what you upload"
      clearable
      data={items.map((s) => ({
        value: s.name,
        label: `${s.name}${s.modelName ? `: ${s.modelName}` : ''} (${stateWord(s.health)})`,
      }))}
      value={value || null}
      onChange={(server) => onChange(server ?? '')}
    />
  );
}
