import { Button, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { TextField } from './form-field.tsx';
import { ErrorNotice } from './states.tsx';

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly label: string;
  readonly action: string;
  readonly charsMax: number;
  readonly initial?: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSend: (text: string) => void;
  readonly children?: ReactNode;
}

/** Asks for one text: a reply, a reason. */
export function TextDialog(props: Props) {
  const { opened, onClose, title } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg">
      <TextForm {...props} />
    </Modal>
  );
}

/** The same without a dialog around it. */
export function TextForm(props: Omit<Props, 'opened' | 'title'>) {
  const { onClose, label, action, charsMax, initial = '', busy, error, onSend, children } = props;
  const [text, setText] = useState(initial);
  const ready = text.trim() !== '' && [...text].length <= charsMax;
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSend(text);
      }}
    >
      {children}
      <TextField label={label} value={text} onChange={setText} rows={4} charsMax={charsMax} required />
      <ErrorNotice error={error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>
          Not yet
        </Button>
        <Button type="submit" disabled={!ready} loading={busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
