import type { Sunset, VersionStanding } from '@souk/contract';
import type { VersionState } from './versions.ts';

export const dayMs = 86_400_000;
export const yearsMax = 10;

/** What may be done with a version now; what stops calls comes before what stops sales. */
export function stateOf(
  standing: VersionStanding,
  restrictedInDocument: boolean,
  product: Sunset | null,
): VersionState {
  if (standing.withdrawn) return 'withdrawn';
  if (standing.sunset?.ended || product?.ended) return 'ended';
  return restrictedInDocument || standing.restrictedAt ? 'restricted' : 'listed';
}

export type EndRefusal = 'version.end_in_past' | 'version.end_too_early' | 'version.end_too_late';

/** The first moment that an end date may name. */
export const earliestEnd = (now: Date, noticeDays: number): Date =>
  new Date(now.getTime() + noticeDays * dayMs);

/** Why an end date cannot be set; a date that was announced may always be moved later. */
export function refuseEnd(
  now: Date,
  announced: Date | null,
  endsAt: Date,
  noticeDays: number,
): EndRefusal | undefined {
  if (endsAt.getTime() <= now.getTime()) return 'version.end_in_past';
  if (endsAt.getTime() > now.getTime() + yearsMax * 366 * dayMs) return 'version.end_too_late';
  if (announced && endsAt.getTime() >= announced.getTime()) return undefined;
  return endsAt.getTime() < earliestEnd(now, noticeDays).getTime() ? 'version.end_too_early' : undefined;
}

/** Days before an end at which its subscribers hear of it again; 0 is the end itself. */
export const noticeDaysBefore = [90, 30, 7, 1] as const;

/**
 * Which notices of an end date are due and were not given. Of several only the nearest is worth a mail: after a week in which no
 * job ran nobody wants four of them. A day that had passed when the date was announced is not due: the announcement was its notice.
 */
export function dueNotices(
  { announcedAt, endsAt, told }: { announcedAt: Date; endsAt: Date; told: readonly number[] },
  now: Date,
): { readonly due: readonly number[]; readonly tell: number | undefined } {
  const due = [...noticeDaysBefore, 0].filter((days) => {
    const at = endsAt.getTime() - days * dayMs;
    return !told.includes(days) && at <= now.getTime() && (days === 0 || at > announcedAt.getTime());
  });
  return { due, tell: due.length > 0 ? Math.min(...due) : undefined };
}
