import { CopyableId } from './copy.tsx';
import { Notice } from './states.tsx';

export function NewKeyNotice({ apiKey }: { apiKey: string }) {
  return (
    <Notice tone="warn" title="Copy this key now: it is not shown again">
      <span data-testid="new-api-key">
        <CopyableId id={apiKey} what="the key" wrap />
      </span>
    </Notice>
  );
}
