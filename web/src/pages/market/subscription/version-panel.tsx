import { Checkbox, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Subscription } from '../../../api/types.ts';
import { toast } from '../../../components/toast.ts';
import { formatDate } from '../../../format/format.ts';

const refresh = () => queryClient.invalidateQueries({ queryKey: subscriptionQueries.all() });

/** Which version calls reach: one that stays, or always the latest. */
export function VersionChoice({ subscription: s }: { subscription: Subscription }) {
  const choose = useMutation({
    mutationFn: (body: { version: string; followLatest?: boolean }) =>
      take(
        api.PATCH('/api/subscriptions/{subscriptionId}', {
          params: { path: { subscriptionId: s.id } },
          body,
        }),
      ),
    onSuccess: (changed) => {
      toast.done(`Calls now go to version ${changed.version}.`);
      void refresh();
    },
    onError: toast.failed,
  });
  const numbers = s.versions.map((v) => v.number);
  const others = numbers.filter((n) => n !== s.version);
  if (numbers.length === 0) return <p className="small muted">There is no version to choose at present.</p>;
  return (
    <div className="stack" style={{ '--gap': '8px' }}>
      <Select
        label="Version"
        description="Calls without a version go to this one; it changes only when you change it."
        data={s.versions.map((v) => ({ value: v.number, label: labelOf(v) }))}
        value={numbers.includes(s.version) ? s.version : null}
        placeholder={`${s.version} is no longer available`}
        allowDeselect={false}
        disabled={choose.isPending}
        onChange={(value) => {
          if (value && value !== s.version) choose.mutate({ version: value });
        }}
      />
      <Checkbox
        label="Follow the latest version"
        description="It moves on by itself when a newer version is released, and tells you; back it never moves."
        checked={s.followsLatest}
        disabled={choose.isPending || s.latest === null}
        onChange={(event) =>
          choose.mutate(
            event.currentTarget.checked ? { version: 'latest', followLatest: true } : { version: s.version },
          )
        }
      />
      {others.length > 0 ? (
        <Link to={`/subscriptions/${s.id}/compare`} className="small">
          Try another version on your own samples
        </Link>
      ) : null}
    </div>
  );
}

function labelOf(v: Subscription['versions'][number]): string {
  const words = [
    ...(v.limited ? ['limited'] : []),
    ...(v.standing.sunset
      ? [`${v.standing.sunset.ended ? 'ended' : 'ends'} ${formatDate(v.standing.sunset.endsAt)}`]
      : []),
    ...(v.standing.restrictedAt ? ['restricted'] : []),
  ];
  return words.length > 0 ? `${v.number} (${words.join(', ')})` : v.number;
}
