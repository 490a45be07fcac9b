import type { TrainingEndKind, TrainingRun } from './training.ts';

export interface Endable {
  /** False while there is nothing yet that could be asked. */
  ask(): boolean;
  kill(): void;
}

const askAgainMs = 50;

/**
 * When a training is ended from outside, and how: at once when its caller ends or it exceeds a limit, asked first (with the grace of its
 * limits) when it is stopped or its time is up. The first reason counts.
 */
export function endInTime(run: Pick<TrainingRun, 'limits' | 'signal' | 'stop'>, program: Endable) {
  let why: TrainingEndKind | undefined;
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, work: () => void) => timers.add(setTimeout(work, ms));
  const kill = (kind: TrainingEndKind) => {
    why ??= kind;
    program.kill();
  };
  const ask = (kind: TrainingEndKind) => {
    const graceMs = run.limits.stopGraceMs ?? 0;
    if (graceMs === 0) return kill(kind);
    if (why !== undefined) return;
    why = kind;
    const again = () => {
      if (!program.ask()) later(askAgainMs, again);
    };
    again();
    later(graceMs, () => program.kill());
  };
  const cancelled = () => kill('cancelled');
  const stopped = () => ask('cancelled');
  later(run.limits.timeMs, () => ask('time'));
  run.signal.addEventListener('abort', cancelled, { once: true });
  run.stop?.addEventListener('abort', stopped, { once: true });
  if (run.signal.aborted) cancelled();
  else if (run.stop?.aborted) stopped();
  return {
    exceeded: kill,
    why: () => why,
    done() {
      for (const timer of timers) clearTimeout(timer);
      run.signal.removeEventListener('abort', cancelled);
      run.stop?.removeEventListener('abort', stopped);
    },
  };
}
