import { SingleBar } from 'cli-progress';
import type { App } from '../app.ts';
import { bytes } from '../output/format.ts';

export interface Progress {
  update(doneBytes: number): void;
  note(text: string): void;
  stop(): void;
}

/** Less is sent before anybody could read the bar. */
const worthShowingBytes = 4_000_000;

/** A bar on a terminal; nothing where nobody watches. */
export function progressBar(app: App, title: string, totalBytes: number): Progress {
  const note = (text: string) => app.output.note(text);
  if (!app.output.watched || app.output.json || totalBytes < worthShowingBytes)
    return { update: () => {}, note, stop: () => {} };
  const bar = new SingleBar({
    stream: app.host.stderr as NodeJS.WritableStream,
    format: `${title} {bar} {percentage}% | {done} of {size} | {speed} | {left}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    linewrap: false,
    etaBuffer: 20,
  });
  const startedAt = performance.now();
  let first = -1;
  const payload = (done: number) => {
    const seconds = (performance.now() - startedAt) / 1000;
    const speed = seconds > 0.5 ? (done - Math.max(first, 0)) / seconds : 0;
    return {
      done: bytes(done),
      size: bytes(totalBytes),
      speed: speed > 0 ? `${bytes(speed)}/s` : '…',
      left: speed > 0 ? `${Math.ceil((totalBytes - done) / speed)} s left` : '…',
    };
  };
  bar.start(totalBytes, 0, payload(0));
  let latest = 0;
  return {
    update(done) {
      // What an earlier run sent says nothing about the speed of this one.
      if (first < 0) first = done;
      latest = done;
      bar.update(done, payload(done));
    },
    note(text) {
      bar.stop();
      note(text);
      bar.start(totalBytes, latest, payload(latest));
    },
    stop: () => bar.stop(),
  };
}
