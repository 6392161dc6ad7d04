/** The height and width that a chart's lines are drawn in; the page stretches them. */
export const width = 300;
export const height = 100;

/** A line: its values over time, null where there is none. */
export type Points = readonly { readonly at: number; readonly value: number | null }[];

/** The top of an axis: the next number up of 2, 4, 6, 8, 10, 20, 40, … Its half, where the middle line is, is whole too. */
export function niceTop(value: number): number {
  if (value <= 2) return 2;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6, 8].find((step) => step * magnitude >= value) ?? 10) * magnitude;
}

/**
 * An SVG path through the points from `start` to `end` on the x axis and 0 to `top` on the y axis. It breaks at nulls, and where points are
 * further apart than `longestStep`.
 */
export function path(points: Points, start: number, end: number, top: number, longestStep: number): string {
  let drawn = '';
  let last: number | null = null;
  for (const { at, value } of points) {
    if (value === null) {
      last = null;
      continue;
    }
    const x = round(((at - start) / (end - start)) * width);
    const y = round(height - (Math.min(value, top) / top) * height);
    // A line of no length: with round ends, a point that stands alone can be seen.
    drawn += last === null || at - last > longestStep ? `M${x} ${y}h0` : `L${x} ${y}`;
    last = at;
  }
  return drawn;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
