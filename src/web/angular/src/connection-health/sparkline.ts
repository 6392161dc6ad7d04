/** The points of a polyline through `values`, oldest first, in a box of `width` × `height`; the scale starts at 0. */
export function sparkline(values: readonly number[], width: number, height: number): string {
  // One point makes no line: it is drawn as a level one.
  const points = values.length === 1 ? [values[0] ?? 0, values[0] ?? 0] : values;
  const top = Math.max(1, ...points);
  const step = width / Math.max(1, points.length - 1);
  return points.map((value, i) => `${round(i * step)},${round(height - (value / top) * height)}`).join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
