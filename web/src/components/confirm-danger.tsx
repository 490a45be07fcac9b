import { Button, Modal, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ErrorNotice } from './states.tsx';

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** A question that names the thing: "Revoke the key “ci”?" */
  readonly title: string;
  /** The consequence, in full: who is affected, from when, and what stays. */
  readonly children: ReactNode;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly busy: boolean;
  readonly error?: unknown;
  /** For what cannot be undone: the name has to be typed. */
  readonly typeToConfirm?: string;
  /** For steps that are wanted but cannot be taken back. */
  readonly tone?: 'danger' | 'accent';
}

export function ConfirmDanger(props: Props) {
  const {
    opened,
    onClose,
    title,
    children,
    action,
    onConfirm,
    busy,
    error,
    typeToConfirm,
    tone = 'danger',
  } = props;
  const [typed, setTyped] = useState('');
  const ready = typeToConfirm === undefined || typed === typeToConfirm;
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="md">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onConfirm();
        }}
      >
        <div className="muted">{children}</div>
        {typeToConfirm === undefined ? null : (
          <TextInput
            label={`Type ${typeToConfirm} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        <ErrorNotice error={error} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose} data-autofocus>
            {tone === 'danger' ? 'Keep it' : 'Not yet'}
          </Button>
          <Button
            type="submit"
            {...(tone === 'danger' ? { color: 'red' } : {})}
            disabled={!ready}
            loading={busy}
          >
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
