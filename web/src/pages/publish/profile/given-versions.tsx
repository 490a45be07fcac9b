import type { TaxDetails } from '../../../api/types.ts';
import { RelativeTime } from '../../../components/time.tsx';

/** Who gave what when; every version is kept. */
export function GivenVersions({ versions }: { versions: TaxDetails['versions'] }) {
  if (versions.length === 0) return null;
  return (
    <ul className="small muted" style={{ margin: 0, paddingInlineStart: 18 }}>
      {versions.map((v) => (
        <li key={v.version}>
          Version {v.version}, by {v.givenBy}, <RelativeTime at={v.givenAt} />
        </li>
      ))}
    </ul>
  );
}
