import { CheckIcon, CopyIcon } from '@radix-ui/react-icons';
import { useEffect, useState } from 'react';
import styles from './copy.module.css';
import { WithTip } from './tip.tsx';

export function useCopied() {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (text: string) => {
    await writeClipboard(text);
    setCopied(true);
  };
  return { copied, copy };
}

/** The clipboard's own interface exists on secure origins only; an installation behind plain http still has to copy. */
async function writeClipboard(text: string) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const { copied, copy } = useCopied();
  return (
    <WithTip label={copied ? 'Copied' : `Copy ${what}`} side="end">
      <button
        type="button"
        className={styles.button}
        aria-label={copied ? `Copied ${what}` : `Copy ${what}`}
        data-done={copied || undefined}
        onClick={() => void copy(text)}
      >
        {copied ? <CheckIcon /> : <CopyIcon />}
      </button>
    </WithTip>
  );
}

interface IdProps {
  readonly id: string;
  readonly what: string;
  /** Long ids in narrow places; the whole id is still what is copied. */
  readonly short?: boolean;
  readonly wrap?: boolean;
}

export function CopyableId({ id, what, short, wrap }: IdProps) {
  const text = short && id.length > 20 ? `${id.slice(0, 10)}…${id.slice(-6)}` : id;
  return (
    <span className={styles.id}>
      <span className={styles.text} title={text === id ? undefined : id} data-wrap={wrap || undefined}>
        {text}
      </span>
      <CopyButton text={id} what={what} />
    </span>
  );
}
