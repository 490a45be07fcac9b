import type { CatalogVersion } from '../../../api/types.ts';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Badge, StatusBadge } from '../../../components/status-badge.tsx';
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
            {version.details.state === 'restricted' ? <StatusBadge state="restricted" /> : null}
            <span className="small faint">
              {formatBytes(version.sizeBytes)}
              {version.measured[0] ? ` · p99 ${formatDuration(version.measured[0].p99Ms)}` : ''}
            </span>
          </div>
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
