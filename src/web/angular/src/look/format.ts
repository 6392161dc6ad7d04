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

/** `14:03:22`, on the reader's clock. `at`: Unix milliseconds. */
export function clockTime(at: number): string {
  return time.format(at);
}

/** `14:03` today, `Nov 21, 14:03` on another day. Both in Unix milliseconds. */
export function minuteTitle(at: number, now: number): string {
  return isSameDay(at, now) ? minute.format(at) : dayAndMinute.format(at);
}

/** Date and time in full, for tooltips. `at`: Unix milliseconds. */
export function fullTime(at: number): string {
  return full.format(at);
}

/** `1 event`, `2 events`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
