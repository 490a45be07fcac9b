import type { ServiceHealth } from '../api/types.ts';
import { Fact, Facts } from './panel.tsx';
import { Badge } from './status-badge.tsx';
import { RelativeTime } from './time.tsx';

const percent = (share: number | null) =>
  share === null ? '–' : `${(share * 100).toFixed(share === 1 ? 0 : 1)} %`;

export function WorksBadge({ health }: { health: ServiceHealth | null }) {
  if (!health || health.state === 'unknown')
    return (
      <Badge tone="neutral" shape="ring">
        Not known yet
      </Badge>
    );
  return health.state === 'up' ? (
    <Badge tone="good" shape="check">
      Works
    </Badge>
  ) : (
    <Badge tone="bad" shape="cross">
      Does not work
    </Badge>
  );
}

/** What the sample calls on schedule found. */
export function ServiceHealthFacts({ health }: { health: ServiceHealth }) {
  return (
    <Facts>
      <Fact name="Now">
        <WorksBadge health={health} />
      </Fact>
      <Fact name="24 hours">{percent(health.uptime24h)}</Fact>
      <Fact name="30 days">{percent(health.uptime30d)}</Fact>
      <Fact name="Median of 24 hours">{health.latencyMs === null ? '–' : `${health.latencyMs} ms`}</Fact>
      <Fact name="Last sample call">
        {health.checkedAt ? <RelativeTime at={health.checkedAt} /> : 'none yet'}
      </Fact>
      <Fact name="Called every">{`${health.everyMinutes} min`}</Fact>
    </Facts>
  );
}
