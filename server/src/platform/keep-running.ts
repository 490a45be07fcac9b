/** A process, or whatever else serves, as far as keeping it running is concerned. */
export interface Keepable {
  /** Rejects where it ended before it could be called. */
  readonly ready: Promise<unknown>;
  readonly exited: Promise<{ readonly reason: string }>;
  stop(): Promise<unknown>;
}

const healthyAfterMs = 60_000;
const pauseMsMax = 30_000;
const reasonCharsMax = 1000;

export interface KeepOptions<R extends Keepable> {
  /** Rejects for what breaks on our side; that is tried again as well. */
  readonly start: () => Promise<R>;
  readonly ready: (running: R, about: { restarted: boolean; tookMs: number }) => void;
  /** It ended, or could not be started; it is tried again after the pause. */
  readonly ended: (reason: string, pauseMs: number) => void;
  /** Looks after what runs, until `isCurrent` says that it is gone; what it finds wrong is said before it is stopped. */
  readonly watch?: (running: R, isCurrent: () => boolean, isWrong: (why: string) => void) => Promise<void>;
}

export interface Kept {
  /** True while its process can be called. */
  isUp(): boolean;
  /** Stops the process and what would start it again. */
  end(): Promise<void>;
}

/** Starts something that serves and keeps it running: after a crash again, with growing pauses while it keeps failing. */
export function keepRunning<R extends Keepable>({ start, ready, ended, watch }: KeepOptions<R>): Kept {
  let running: R | undefined;
  let up = false;
  let failures = 0;
  let ending: Promise<void> | undefined;
  let pause: NodeJS.Timeout | undefined;
  let launching = launch(false);

  async function launch(restarted: boolean): Promise<void> {
    let started: R;
    try {
      started = await start();
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error), 0);
      return;
    }
    running = started;
    const startedAt = Date.now();
    let wrong: string | undefined;
    // What never answered was not well, however long it took to fail.
    void started.exited.then(({ reason }) => failed(wrong ?? reason, up ? Date.now() - startedAt : 0));
    if (ending) return void started.stop();
    try {
      await started.ready;
    } catch {
      // Its end says why.
      return;
    }
    if (ending) return;
    up = true;
    ready(started, { restarted, tookMs: Date.now() - startedAt });
    void watch?.(
      started,
      () => up && running === started,
      (why) => {
        wrong = why;
      },
    );
  }

  function failed(reason: string, aliveMs: number) {
    up = false;
    running = undefined;
    if (ending) return;
    failures = aliveMs > healthyAfterMs ? 1 : failures + 1;
    const pauseMs = Math.min(200 * 3 ** (failures - 1), pauseMsMax);
    pause = setTimeout(() => {
      launching = launch(true);
    }, pauseMs);
    pause.unref();
    ended(reason.slice(0, reasonCharsMax), pauseMs);
  }

  async function stop() {
    clearTimeout(pause);
    up = false;
    await running?.stop();
    // A start that was under way has seen by now that it is not wanted.
    await launching;
    await running?.stop();
  }

  return {
    isUp: () => up,
    end: () => {
      ending ??= stop();
      return ending;
    },
  };
}
