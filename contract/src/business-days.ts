/** What a person of the operator does is estimated in business days: Mondays to Fridays, in UTC, the same for every reader. */
const dayMs = 86_400_000;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day that is begun is one. */
export const businessDays = (estimateMs: number): number => Math.max(1, Math.ceil(estimateMs / dayMs));

/** When something that begins then is due: so many days later, of which Saturdays and Sundays are none. */
export function dueAfterBusinessDays(from: Date, days: number): Date {
  const due = new Date(from);
  for (let left = days; left > 0; ) {
    due.setUTCDate(due.getUTCDate() + 1);
    if (due.getUTCDay() % 6 !== 0) left -= 1;
  }
  return due;
}

/** "1 business day" */
export function businessDaysWords(estimateMs: number): string {
  const days = businessDays(estimateMs);
  return `${days} business day${days === 1 ? '' : 's'}`;
}

/** "about 2 business days, until Tue 24 Nov", of what begins then. */
export function businessDaysText(estimateMs: number, from: Date): string {
  const due = dueAfterBusinessDays(from, businessDays(estimateMs));
  const day = `${weekdays[due.getUTCDay()]} ${due.getUTCDate()} ${months[due.getUTCMonth()]}`;
  return `about ${businessDaysWords(estimateMs)}, until ${day}`;
}
