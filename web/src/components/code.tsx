import { type KeyboardEvent, useId, useRef, useState } from 'react';
import styles from './code.module.css';
import { CopyButton } from './copy.tsx';

interface BlockProps {
  readonly title: string;
  readonly code: string;
  readonly wrap?: boolean;
  readonly capped?: boolean;
}

export function CodeBlock({ title, code, wrap, capped }: BlockProps) {
  return (
    <figure className={styles.frame}>
      <figcaption className={styles.bar}>
        <span className={styles.title}>{title}</span>
        <CopyButton text={code} what={title.toLowerCase()} />
      </figcaption>
      <Code code={code} label={title} wrap={wrap} capped={capped} />
    </figure>
  );
}

interface CodeProps {
  readonly code: string;
  readonly label: string;
  readonly wrap?: boolean | undefined;
  readonly capped?: boolean | undefined;
}

function Code({ code, label, wrap, capped }: CodeProps) {
  return (
    <section
      {...reachable}
      className={styles.code}
      aria-label={label}
      data-wrap={wrap || undefined}
      data-capped={capped || undefined}
    >
      <pre>
        <code>{code}</code>
      </pre>
    </section>
  );
}

/** Long code scrolls by itself, so the keyboard must be able to reach it. */
export const reachable = { tabIndex: 0 } as const;

export interface CodeTab {
  readonly id: string;
  readonly title: string;
  readonly code: string;
}

/** The same call in several languages; the choice is one for all snippets of a page. */
export function CodeTabs({ tabs, label }: { tabs: readonly CodeTab[]; label: string }) {
  const base = useId();
  const [chosen, setChosen] = useState(tabs[0]?.id);
  const bar = useRef<HTMLDivElement>(null);
  const current = tabs.find((t) => t.id === chosen) ?? tabs[0];
  if (!current) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = (tabs.indexOf(current) + step + tabs.length) % tabs.length;
    setChosen(tabs[at]?.id);
    bar.current?.querySelectorAll('button')[at]?.focus();
  };
  return (
    <div className={styles.frame}>
      <div className={styles.bar}>
        <div className={styles.tabs} role="tablist" aria-label={label} ref={bar} onKeyDown={onKeyDown}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`${base}-${tab.id}`}
              aria-controls={`${base}-panel`}
              aria-selected={tab === current}
              tabIndex={tab === current ? 0 : -1}
              className={styles.tab}
              onClick={() => setChosen(tab.id)}
            >
              {tab.title}
            </button>
          ))}
        </div>
        <CopyButton text={current.code} what={`the ${current.title} snippet`} />
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${current.id}`}>
        <Code code={current.code} label={`${current.title} code`} />
      </div>
    </div>
  );
}
