export type Point = readonly [x: number, y: number];

const radius = 14;
/** So many corners has the longest way that an edge can take. */
const mostCorners = 12;
const arrow = 4;

/**
 * An SVG path along `points` with round corners and an arrow head. All paths have the same commands, so that a browser can turn one into
 * another while the cards move.
 */
export function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const end = rest.pop();
  if (!first || !end) return '';
  let before = first;
  let path = `M${text(first)}`;
  rest.forEach((corner, i) => {
    const next = rest[i + 1] ?? end;
    // Two corners share the line between them.
    const size = Math.min(radius, distance(before, corner) / (i === 0 ? 1 : 2), distance(corner, next) / (next === end ? 1.5 : 2));
    path += `L${text(towards(corner, before, size))}Q${text(corner)} ${text(towards(corner, next, size))}`;
    before = corner;
  });
  path += `L${text(end)}Q${text(end)} ${text(end)}`.repeat(Math.max(0, mostCorners - rest.length));
  return `${path}L${text(end)}${arrowHead(before, end)}`;
}

function arrowHead(before: Point, [x, y]: Point): string {
  const [dx, dy] = towards([0, 0], [x - before[0], y - before[1]], arrow);
  return `M${text([x - dx - dy, y - dy + dx])}L${text([x, y])}L${text([x - dx + dy, y - dy - dx])}`;
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1;
  return [from[0] + ((to[0] - from[0]) * length) / whole, from[1] + ((to[1] - from[1]) * length) / whole];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

function text(point: Point): string {
  return point.map((value) => Math.round(value * 10) / 10).join(' ');
}
