import type { WebServiceKeys } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { Notice } from '../../../components/states.tsx';

/** Keys of an endpoint, the only time that they are seen. */
export function KeysNotice({ keys }: { keys: WebServiceKeys }) {
  const shown = [
    ['Primary key', keys.primaryKey],
    ['Secondary key', keys.secondaryKey],
  ] as const;
  return (
    <Notice
      tone="warn"
      title={
        keys.primaryKey && keys.secondaryKey
          ? 'Copy these keys now: they are not shown again'
          : 'Copy this key now: it is not shown again'
      }
    >
      <div className="stack" style={{ '--gap': '8px' }}>
        {shown.map(([name, key]) =>
          key ? (
            <div key={name}>
              <span className="tiny faint">{name}</span>
              <div>
                <CopyableId id={key} what={name.toLowerCase()} wrap />
              </div>
            </div>
          ) : null,
        )}
      </div>
    </Notice>
  );
}
