const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `5 minutes ago`. */
export function timeAgo(at: number, now: number): string {
  const seconds = Math.min(0, Math.round((at - now) / 1000));
  if (seconds > -10) return 'just now';
  if (seconds > -60) return ago.format(seconds, 'second');
  if (seconds > -3600) return ago.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return ago.format(Math.round(seconds / 3600), 'hour');
  return ago.format(Math.round(seconds / 86_400), 'day');
}
