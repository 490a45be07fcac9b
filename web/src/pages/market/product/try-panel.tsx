import { Button, Select, Textarea } from '@mantine/core';
import { PlayIcon } from '@radix-ui/react-icons';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { hasCode } from '../../../api/errors.ts';
import type { CatalogProduct, CatalogVersion, TryResult } from '../../../api/types.ts';
import { reachable } from '../../../components/code.tsx';
import { CopyButton } from '../../../components/copy.tsx';
import { Panel } from '../../../components/panel.tsx';
import { ErrorState } from '../../../components/states.tsx';
import { Badge, StatusBadge } from '../../../components/status-badge.tsx';
import { formatDuration, plural } from '../../../format/format.ts';
import styles from './product.module.css';

/** Runs the sample, or what is typed over it, on the real model. */
export function TryPanel({ product, version }: { product: CatalogProduct; version: CatalogVersion }) {
  const samples = version.details.input?.samples;
  const first = samples?.contentType ?? version.contentTypes[0] ?? 'application/json';
  const [contentType, setContentType] = useState(first);
  const [text, setText] = useState(samples?.realtime ?? '');
  const { publisher, slug } = product.item;
  const run = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/catalog/products/{publisher}/{product}/try', {
          params: { path: { publisher, product: slug }, query: { slot: product.slot } },
          body: { version: version.number, contentType, body: text },
        }),
      ),
    // A model that is being started answers in some seconds: waiting is this page's work, not the person's.
    retry: (count, error) => hasCode(error, 'catalog.not_running') && count < 30,
    retryDelay: 1_000,
  });
  const { reset } = run;
  const sampleText = samples?.realtime;
  // Another version brings its own sample; only then is what was typed given up.
  const shown = useRef(version.number);
  useEffect(() => {
    if (shown.current === version.number) return;
    shown.current = version.number;
    setText(sampleText ?? '');
    setContentType(first);
    reset();
  }, [version.number, sampleText, first, reset]);
  return (
    <Panel
      id="try"
      title="Try it"
      note="The sample input, on the real model. Change it as you like."
      actions={version.state === 'ready' ? null : <StatusBadge state={version.state} />}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <div className={styles.try}>
          <Textarea
            className={styles.tryArea}
            label="Input"
            rows={11}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run.mutate();
            }}
          />
          <div>
            <p className="small" style={{ fontWeight: 500 }}>
              Answer
            </p>
            <div className={styles.answer} aria-live="polite">
              <Answer
                result={run.data}
                error={run.error}
                busy={run.isPending}
                starting={run.failureCount > 0}
              />
            </div>
          </div>
        </div>
        <div className="row">
          <Button type="submit" leftSection={<PlayIcon />} loading={run.isPending} disabled={text === ''}>
            Run
          </Button>
          {version.contentTypes.length > 1 ? (
            <Select
              aria-label="Content type"
              data={version.contentTypes}
              value={contentType}
              allowDeselect={false}
              w={180}
              onChange={(value) => setContentType(value ?? contentType)}
            />
          ) : (
            <span className="small faint">{contentType}</span>
          )}
          {run.data ? (
            <span className="small faint">
              {plural(run.data.triesLeft, 'free try', 'free tries')} left today
            </span>
          ) : null}
        </div>
      </form>
    </Panel>
  );
}

interface AnswerProps {
  readonly result: TryResult | undefined;
  readonly error: unknown;
  readonly busy: boolean;
  readonly starting: boolean;
}

function Answer({ result, error, busy, starting }: AnswerProps) {
  if (error && !busy) return <ErrorState error={error} />;
  if (!result)
    return (
      <div className={styles.answerBody}>
        <span className="faint">
          {busy ? (starting ? 'The model is starting' : 'Running') : 'The answer appears here.'}
        </span>
      </div>
    );
  const good = result.status < 300;
  return (
    <>
      <div className={styles.answerBar}>
        <Badge tone={good ? 'good' : 'bad'} shape={good ? 'check' : 'cross'}>
          {result.status}
        </Badge>
        <span>{formatDuration(result.durationMs)}</span>
        <span>{result.contentType}</span>
        <span style={{ marginLeft: 'auto' }}>
          <CopyButton text={result.body} what="the answer" />
        </span>
      </div>
      <section className={styles.answerBody} aria-label="Answer" {...reachable}>
        <pre>{readable(result)}</pre>
      </section>
    </>
  );
}

function readable({ contentType, body }: TryResult): string {
  if (!contentType.includes('json')) return body;
  try {
    const text = JSON.stringify(JSON.parse(body), null, 1);
    // Lists of numbers and words on one line: a matrix reads better as rows.
    return text.replace(
      /\[\s+((?:[^[\]{}]|\n)*?)\s+\]/g,
      (_, inner: string) => `[${inner.replace(/\s*\n\s*/g, ' ')}]`,
    );
  } catch {
    return body;
  }
}
