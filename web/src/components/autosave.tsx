import { StatusShape } from './status-badge.tsx';
import { RelativeTime } from './time.tsx';

export type SaveState =
  | { readonly kind: 'saved'; readonly at: string }
  | { readonly kind: 'edited' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'failed'; readonly message: string };

/** Says where the text is: nobody should have to wonder whether it would be lost. */
export function Autosave({ state }: { state: SaveState }) {
  return (
    <span className="row-nowrap small muted" aria-live="polite" style={{ gap: 6 }}>
      {state.kind === 'saved' ? (
        <>
          <StatusShape state="passed" />
          <span>
            Saved <RelativeTime at={state.at} />
          </span>
        </>
      ) : state.kind === 'failed' ? (
        <>
          <StatusShape state="error" />
          <span>Not saved: {state.message}</span>
        </>
      ) : (
        <>
          <StatusShape state={state.kind === 'saving' ? 'running' : 'pending'} />
          <span>{state.kind === 'saving' ? 'Saving' : 'Edited'}</span>
        </>
      )}
    </span>
  );
}
