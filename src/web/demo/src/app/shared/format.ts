const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayAndMinute = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `14:03:22`, on the reader's clock. */
export function clockTime(at: number): string {
  return time.format(at);
}

/** `14:03` today, `Nov 21, 14:03` on another day. */
export function minuteTitle(at: number, now: number): string {
  return isSameDay(at, now) ? minute.format(at) : dayAndMinute.format(at);
}

/** Date and time in full, for tooltips. */
export function fullTime(at: number): string {
  return full.format(at);
}

/** `5 minutes ago`. */
export function timeAgo(at: number, now: number): string {
  const seconds = Math.min(0, Math.round((at - now) / 1000));
  if (seconds > -10) return 'just now';
  if (seconds > -60) return ago.format(seconds, 'second');
  if (seconds > -3600) return ago.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return ago.format(Math.round(seconds / 3600), 'hour');
  return ago.format(Math.round(seconds / 86_400), 'day');
}

/** `1 event`, `2 events`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
