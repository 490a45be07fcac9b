const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How long a publisher may think better of it. */
export const cancelHours = 24;
/** Days before the end at which subscribers are reminded. */
export const reminderDays = [90, 30, 7, 1] as const;

export interface Times {
  readonly requestedAt: Date;
  readonly endsAt: Date;
}

export const endOf = (requestedAt: Date, supportDays: number): Date =>
  new Date(requestedAt.getTime() + supportDays * dayMs);
export const cancellableUntil = (requestedAt: Date): Date =>
  new Date(requestedAt.getTime() + cancelHours * hourMs);

/**
 * The reminder that is due now: the nearest one that was passed. Those before it that were slept through are not written any
 * more - "30 days left" is wrong when there are six - and neither are those that fall on the first mail or before it: it says
 * the same.
 */
export function dueReminder({ requestedAt, endsAt }: Times, now: Date): number | undefined {
  if (now >= endsAt) return undefined;
  const at = (days: number) => endsAt.getTime() - days * dayMs;
  return reminderDays.filter((days) => at(days) > requestedAt.getTime() && at(days) <= now.getTime()).at(-1);
}

/** "90 days", "1 day", "5 hours": what is left, never less than there is. */
export function leftText(endsAt: Date, now: Date): string {
  const hours = Math.ceil((endsAt.getTime() - now.getTime()) / hourMs);
  if (hours <= 0) return 'no time';
  const [n, unit] = hours >= 24 ? [Math.ceil(hours / 24), 'day'] : [hours, 'hour'];
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}

export const dayText = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
