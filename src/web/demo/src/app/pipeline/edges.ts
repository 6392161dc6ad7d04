import { cardHeight, laneGap, Layout, Node, verticalPort } from './layout';
import { Point, roundedPath } from './path';

/** A line of the graph, from one card that runs to the next. */
export interface Edge {
  /** What it leads to: there is one edge to each card that runs, and one to the end. */
  readonly id: string;
  /** Where it comes from; empty: the start. */
  readonly from: string;
  /** Leads to or from a grafted agent. */
  readonly grafted: boolean;
  /** Goes round pruned cards. */
  readonly bent: boolean;
  readonly path: string;
}

/** The edges of a pipeline: through every card that runs, round every card that is pruned. */
export function edges(layout: Layout): readonly Edge[] {
  const all = [layout.start, ...layout.nodes, layout.end];
  const running = all.map((_, i) => i).filter((i) => !all[i]?.pruned);
  return running.slice(1).flatMap((to, i) => {
    const from = running[i] ?? 0;
    const [a, b, skipped] = [all[from], all[to], all.slice(from + 1, to)];
    if (!a || !b) return [];
    const way: Way = { a, b, skipped, layout };
    const points = layout.vertical ? downwards(way) : a.row === b.row ? alongRow(way) : acrossRows(way, all);
    // The marks of start and end have no id, and no kind of their own.
    const grafted = [a, b].some((node) => node.kind === 'graft' && node.id !== '');
    return [{ id: b.id, from: a.id, grafted, bent: skipped.length > 0, path: roundedPath(points) }];
  });
}

interface Way {
  readonly a: Node;
  readonly b: Node;
  readonly skipped: readonly Node[];
  readonly layout: Layout;
}

const isGraft = (node: Node): boolean => node.kind === 'graft';
const middle = (node: Node): number => node.y + node.height / 2;
const outAt = (node: Node): Point => [node.x + node.width, middle(node)];
const inAt = (node: Node): Point => [node.x - 2, middle(node)];
/** Below a step, beside its centre: agents' edges leave on the right, and come back on the left. */
const below = (node: Node, side: -1 | 1): Point => [
  node.x + node.width / 2 + side * Math.min(6, node.width / 4),
  node.y + node.height + (side < 0 ? 2 : 0),
];
/** Leaving and entering for edges that turn at once: in the middle of the gap, and nearer at the marks, which stand closer. */
const leaving = (a: Node, gap: number): number => a.x + a.width + (a.id === '' ? 11 : gap / 2);
const entering = (b: Node, gap: number): number => b.x - (b.id === '' ? 11 : gap / 2);
/** Half a card and half the way to the other lane. */
const toRail = (cardHeight + laneGap) / 2;
/** Between the steps of a row and their agents. */
const betweenLanes = (node: Node): number => middle(node) + (isGraft(node) ? -toRail : toRail);

function alongRow({ a, b, skipped, layout: { gap, rows } }: Way): readonly Point[] {
  const afterA = leaving(a, gap);
  const beforeB = entering(b, gap);
  const lane = betweenLanes(a);
  if (!isGraft(a) && !isGraft(b)) {
    if (skipped.every(isGraft)) return [outAt(a), inAt(b)];
    const over = rows[a.row]?.above ?? 0;
    return [outAt(a), [afterA, middle(a)], [afterA, over], [beforeB, over], [beforeB, middle(b)], inAt(b)];
  }
  if (isGraft(a) && isGraft(b)) {
    if (!skipped.some(isGraft)) return [outAt(a), inAt(b)];
    return [outAt(a), [afterA, middle(a)], [afterA, lane], [beforeB, lane], [beforeB, middle(b)], inAt(b)];
  }
  if (isGraft(b)) {
    const [port, y] = below(a, 1);
    if (skipped.length === 0) return [[port, y], [port, middle(b)], inAt(b)];
    return [[port, y], [port, lane], [beforeB, lane], [beforeB, middle(b)], inAt(b)];
  }
  const [port, y] = below(b, -1);
  if (skipped.length === 0) return [outAt(a), [port, middle(a)], [port, y]];
  return [outAt(a), [afterA, middle(a)], [afterA, lane], [port, lane], [port, y]];
}

/** To a later row: past the pruned cards to the rail below the row, along it, and in from the rail above the other row. */
function acrossRows({ a, b, layout: { gap, rows } }: Way, all: readonly Node[]): readonly Point[] {
  const rowOfA = all.filter((node) => node.row === a.row);
  const rowOfB = all.filter((node) => node.row === b.row);
  const afterA = leaving(a, gap);
  const beforeB = entering(b, gap);
  const rail = rows[a.row]?.below ?? 0;
  const points: Point[] = [];
  if (!isGraft(a) && rowOfA.at(-1) !== a) {
    const [port, y] = below(a, 1);
    const lane = betweenLanes(a);
    const rowEnd = Math.max(...rowOfA.map((node) => node.x + node.width)) + 16;
    points.push([port, y], [port, lane]);
    // A row without agents has the rail where others have their second lane.
    if (lane < rail) points.push([rowEnd, lane], [rowEnd, rail]);
  } else {
    points.push(outAt(a), [afterA, middle(a)], [afterA, rail]);
  }
  const first = rowOfB[0] ?? b;
  // Agents that have pruned steps above them are reached between the lanes.
  const isCovered = isGraft(b) && first !== b && rows[b.row]?.stepY !== rows[b.row]?.graftY;
  const entry = isCovered ? first.x - gap / 2 : beforeB;
  const lastRail = rows[b.row - 1]?.below ?? 0;
  if (b.row > a.row + 1) {
    const aside = Math.min(...all.map((node) => node.x));
    points.push([aside, rail], [aside, lastRail]);
  }
  points.push([entry, lastRail]);
  if (isCovered) points.push([entry, betweenLanes(b)], [beforeB, betweenLanes(b)]);
  return [...points, [beforeB, middle(b)], inAt(b)];
}

function downwards({ a, b, skipped, layout }: Way): readonly Point[] {
  const from: Point = [portOf(a), a.y + a.height];
  const to: Point = [portOf(b), b.y - 2];
  if (skipped.length === 0) {
    const turn = (from[1] + to[1]) / 2;
    return from[0] === to[0] ? [from, to] : [from, [from[0], turn], [to[0], turn], to];
  }
  const aside = Math.min(...layout.nodes.map((node) => node.x)) - 16;
  const [out, back] = [from[1] + 12, to[1] - 14];
  return [from, [from[0], out], [aside, out], [aside, back], [to[0], back], to];
}

const portOf = (node: Node): number => (node.id === '' ? node.x + node.width / 2 : node.x + verticalPort);
