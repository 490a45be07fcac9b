import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from './states.tsx';

interface Props {
  readonly children: ReactNode;
  readonly action: string;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
  readonly busy: boolean;
  readonly error: unknown;
  readonly disabled?: boolean;
  /** In place of the way out. */
  readonly otherwise?: ReactNode;
}

/** The form of a dialog: its fields, what the server said, and two buttons at the end. */
export function DialogForm({
  children,
  action,
  onSubmit,
  onCancel,
  busy,
  error,
  disabled,
  otherwise,
}: Props) {
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!disabled) onSubmit();
      }}
    >
      {children}
      <ErrorNotice error={error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        {otherwise ?? (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button type="submit" disabled={disabled ?? false} loading={busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
