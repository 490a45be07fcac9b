import type { CatalogVersion } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Badge, StatusBadge } from '../../../components/status-badge.tsx';
import { StandingBadges, StandingNotice } from '../../../components/version-standing.tsx';
import { formatBytes, formatDuration } from '../../../format/format.ts';
import styles from './product.module.css';

export function VersionList({ versions }: { versions: readonly CatalogVersion[] }) {
  return (
    <div>
      {versions.map((version) => (
        <article key={version.number} className={styles.version}>
          <div className="row">
            <h3>{version.number}</h3>
            {version.latest ? <Badge tone="info">Latest</Badge> : null}
            {version.limited ? <StatusBadge state="limited" /> : null}
            <StandingBadges standing={version.standing} restricted={version.details.state === 'restricted'} />
            <span className="small faint">
              {formatBytes(version.sizeBytes)}
              {version.measured[0] ? ` · p99 ${formatDuration(version.measured[0].p99Ms)}` : ''}
            </span>
            <CopyableId id={version.id} what="id of the version" wrap />
          </div>
          {version.standing.withdrawn || version.standing.sunset ? (
            <div style={{ marginTop: 8 }}>
              <StandingNotice number={version.number} standing={version.standing} />
            </div>
          ) : null}
          {version.details.releaseNotes ? (
            <div className="small" style={{ marginTop: 8 }}>
              <MarkdownView text={version.details.releaseNotes} />
            </div>
          ) : null}
        </article>
      ))}
    </div>
  );
}
