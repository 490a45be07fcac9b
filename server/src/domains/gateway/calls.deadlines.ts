export type EndedBecause = 'time' | 'caller';

/** The time that one call has. When it is up, or the caller has gone, `onEnd` is called. */
export interface Deadline {
  /** Undefined while the call goes on. */
  readonly ended: EndedBecause | undefined;
  /** What ends with the call: set by whoever is at work for it. */
  onEnd: ((error: Error) => void) | undefined;
  /** Counts anew from now. */
  extend(afterMs: number): void;
  remove(): void;
}

const sweepMs = 100;
/** A shorter call is over before its caller's going away would be worth anything. */
const watchAfterMs = 200;

/**
 * One timer for all calls under way: a timer and an abort listener for each cost more than all checks of a call. Whether the
 * caller has gone is asked only of calls that last.
 */
export function newDeadlines(): (afterMs: number, request: Request) => Deadline {
  const running = new Running();
  setInterval(() => running.look(performance.now()), sweepMs).unref();
  return (afterMs, request) => {
    const deadline = new CallDeadline(running, afterMs, request);
    running.add(deadline);
    return deadline;
  };
}

class CallDeadline implements Deadline {
  ended: EndedBecause | undefined;
  onEnd: ((error: Error) => void) | undefined;
  at: number;
  slot = -1;
  readonly watchFrom: number;
  readonly request: Request;
  private readonly running: Running;

  constructor(running: Running, afterMs: number, request: Request) {
    const now = performance.now();
    this.running = running;
    this.request = request;
    this.at = now + afterMs;
    this.watchFrom = now + watchAfterMs;
  }

  extend(afterMs: number) {
    this.at = performance.now() + afterMs;
  }

  remove() {
    this.running.remove(this);
  }

  end(why: EndedBecause) {
    this.ended = why;
    this.remove();
    this.onEnd?.(new Error(`the call was ended: ${why}`));
  }
}

/** A list whose gaps are filled from its end: a Set of what comes and goes all the time is cleaned up again and again. */
class Running {
  private readonly deadlines: CallDeadline[] = [];

  add(deadline: CallDeadline) {
    deadline.slot = this.deadlines.length;
    this.deadlines.push(deadline);
  }

  remove(deadline: CallDeadline) {
    if (deadline.slot < 0) return;
    const last = this.deadlines.pop();
    if (last && last !== deadline) {
      this.deadlines[deadline.slot] = last;
      last.slot = deadline.slot;
    }
    deadline.slot = -1;
  }

  look(now: number) {
    for (const d of [...this.deadlines])
      if (d.at <= now) d.end('time');
      else if (d.watchFrom <= now && d.request.signal.aborted) d.end('caller');
  }
}
