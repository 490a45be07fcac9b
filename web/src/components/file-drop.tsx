import { Button, Progress } from '@mantine/core';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { isApiError } from '../api/errors.ts';
import type { Upload } from '../api/types.ts';
import { type UploadProgress, uploadFile } from '../api/upload.ts';
import { formatBytes, formatDuration } from '../format/format.ts';
import styles from './file-drop.module.css';
import { FindingList } from './finding.tsx';
import { ErrorNotice } from './states.tsx';

interface Props {
  readonly label: string;
  readonly hint: string;
  readonly accept?: string;
  readonly purpose: Upload['purpose'];
  readonly onUploaded: (upload: Upload, file: File) => void;
  readonly compact?: boolean;
}

interface Running {
  readonly file: File;
  readonly startedAt: number;
  readonly progress: UploadProgress;
  readonly stop: AbortController;
}

/** Takes a file by drop or by choice and sends it; a lost connection is waited for, not a reason to begin again. */
export function FileDrop({ label, hint, accept, purpose, onUploaded, compact }: Props) {
  const [running, setRunning] = useState<Running | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const stopRef = useRef<AbortController | null>(null);
  useEffect(() => () => stopRef.current?.abort(), []);

  const send = async (file: File) => {
    const stop = new AbortController();
    stopRef.current = stop;
    setError(null);
    const started = { file, startedAt: Date.now(), stop };
    setRunning({ ...started, progress: { sentBytes: 0, sizeBytes: file.size, waiting: false } });
    try {
      const upload = await uploadFile(file, {
        purpose,
        signal: stop.signal,
        onProgress: (progress) => setRunning({ ...started, progress }),
      });
      onUploaded(upload, file);
    } catch (failure) {
      if (!stop.signal.aborted) setError(failure);
    } finally {
      setRunning(null);
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) void send(file);
  };

  if (running) return <RunningUpload running={running} />;
  return (
    <div className="stack">
      <label
        className={styles.zone}
        data-over={over || undefined}
        data-compact={compact || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <span className={styles.words}>{label}</span>
        <span className="small faint">{hint}</span>
        <input
          type="file"
          className="visually-hidden"
          accept={accept}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void send(file);
          }}
        />
      </label>
      <ErrorNotice error={error} />
      {isApiError(error) ? <FindingList findings={error.findings} /> : null}
    </div>
  );
}

function RunningUpload({ running }: { running: Running }) {
  const { file, progress, startedAt, stop } = running;
  const percent = progress.sizeBytes === 0 ? 0 : (progress.sentBytes / progress.sizeBytes) * 100;
  const elapsedMs = Date.now() - startedAt;
  const restMs =
    progress.sentBytes > 0
      ? (elapsedMs / progress.sentBytes) * (progress.sizeBytes - progress.sentBytes)
      : null;
  return (
    <div className={styles.file}>
      <div className={styles.line}>
        <span className="break">{file.name}</span>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => stop.abort()}>
          Stop
        </Button>
      </div>
      <Progress value={percent} aria-label={`Upload of ${file.name}`} size="sm" />
      <p className="small muted">
        {formatBytes(progress.sentBytes)} of {formatBytes(progress.sizeBytes)}
        {progress.waiting
          ? ', waiting for the connection'
          : restMs !== null && restMs > 2_000
            ? `, about ${formatDuration(Math.round(restMs / 1000) * 1000)} left`
            : ''}
      </p>
    </div>
  );
}
