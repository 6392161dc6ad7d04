const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
/** What stands where nothing is known. */
export const unknown = '–';

/** `12,345`; from a million on `1.23M`. */
export function count(value: number): string {
  return value < 1_000_000 ? whole.format(value) : short.format(value);
}

/** `0`, `0.4`, `12.5`, `1,250`: one digit after the point below 100. */
export function rate(value: number | null): string {
  if (value === null) return unknown;
  return value === 0 || value >= 99.95 ? count(Math.round(value)) : value.toFixed(1);
}

/** `8.4 ms`, `120 ms`. */
export function milliseconds(value: number | null): string {
  return value === null ? unknown : `${rate(value)} ms`;
}

/** `100 %`, `99.9 %`. A share below 1 is never rounded up to it: one lost message matters. */
export function percent(share: number): string {
  const shown = Math.floor(share * 1000) / 10;
  return `${Number.isInteger(shown) ? shown : shown.toFixed(1)} %`;
}

/** `3 d 4 h`, `4 h 5 min`, `5 min`, `12 s`. */
export function duration(seconds: number): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** `Healthy` for `HEALTHY`. */
export function healthWord(status: string): string {
  return status.charAt(0) + status.slice(1).toLowerCase();
}
