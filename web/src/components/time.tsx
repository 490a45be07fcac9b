import { useSyncExternalStore } from 'react';
import { formatAbsolute, formatDuration, formatRelative } from '../format/format.ts';
import { WithTip } from './tip.tsx';

/** One clock for all relative times and running stages: a timer per element would wake the page a hundred times. */
const listeners = new Map<number, Set<() => void>>();
const timers = new Map<number, ReturnType<typeof setInterval>>();
const readings = new Map<number, number>();

function listen(everyMs: number, listener: () => void) {
  const set = listeners.get(everyMs) ?? new Set();
  set.add(listener);
  listeners.set(everyMs, set);
  if (!timers.has(everyMs)) {
    readings.set(everyMs, Date.now());
    timers.set(
      everyMs,
      setInterval(() => {
        readings.set(everyMs, Date.now());
        for (const notify of set) notify();
      }, everyMs),
    );
  }
  return () => {
    set.delete(listener);
    if (set.size > 0) return;
    clearInterval(timers.get(everyMs));
    timers.delete(everyMs);
    readings.delete(everyMs);
  };
}

export function useNow(everyMs: number): number {
  return useSyncExternalStore(
    (listener) => listen(everyMs, listener),
    () => {
      const reading = readings.get(everyMs);
      if (reading !== undefined) return reading;
      const now = Date.now();
      readings.set(everyMs, now);
      return now;
    },
  );
}

/** "3 minutes ago"; the exact time on hover and on focus. */
export function RelativeTime({ at, prefix }: { at: string; prefix?: string }) {
  const now = useNow(15_000);
  return (
    <WithTip label={formatAbsolute(at)} side="end">
      <time dateTime={at} className="nowrap">
        {prefix ? `${prefix} ` : ''}
        {formatRelative(at, Math.max(now, Date.now()))}
      </time>
    </WithTip>
  );
}

/** How long something took, or how long it has been going on. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  return to ? formatDuration(span(from, to)) : <Running from={from} />;
}

function Running({ from }: { from: string }) {
  const now = useNow(1_000);
  return formatDuration(Math.max(0, Math.floor((now - new Date(from).getTime()) / 1000) * 1000));
}

const span = (from: string, to: string) => Math.max(0, new Date(to).getTime() - new Date(from).getTime());
