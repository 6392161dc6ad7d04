import { cardHeight, laneGap, Layout, Node, verticalPort } from './layout';
import { Point, roundedPath } from './path';
import { Box, meet } from './viewport';

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

/** The edges of a pipeline: through every card that runs, round every card that is pruned. `seen`: those alone that may be seen there. */
export function edges(layout: Layout, seen: Box | null = null): readonly Edge[] {
  const all = [layout.start, ...layout.nodes, layout.end];
  const running = all.map((_, i) => i).filter((i) => !all[i]?.pruned);
  return running.slice(1).flatMap((to, i) => {
    const from = running[i] ?? 0;
    const [a, b] = [all[from], all[to]];
    if (!a || !b) return [];
    const skipped = to === from + 1 ? none : all.slice(from + 1, to);
    const points = pointsOf({ a, b, skipped, layout });
    if (seen && !meet(boxOf(points), seen)) return [];
    const grafted = a.kind === 'graft' || b.kind === 'graft';
    return [{ id: b.id, from: a.id, grafted, bent: skipped.length > 0, path: roundedPath(points) }];
  });
}

/** Where the pipeline would run if nothing were pruned: from and to each card that is, so that one sees where it was. */
export function traces(layout: Layout, seen: Box | null = null): readonly Pick<Edge, 'id' | 'path'>[] {
  const all = [layout.start, ...layout.nodes, layout.end];
  return all.slice(1).flatMap((b, i) => {
    const a = all[i];
    if (!a || (!a.pruned && !b.pruned)) return [];
    const points = pointsOf({ a, b, skipped: none, layout });
    return seen && !meet(boxOf(points), seen) ? [] : [{ id: `${a.id}>${b.id}`, path: roundedPath(points) }];
  });
}

const none: readonly Node[] = [];

function pointsOf(way: Way): readonly Point[] {
  if (way.layout.vertical) return downwards(way);
  return way.a.row === way.b.row ? alongRow(way) : acrossRows(way);
}

function boxOf(points: readonly Point[]): Box {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

interface Way {
  readonly a: Node;
  readonly b: Node;
  readonly skipped: readonly Node[];
  readonly layout: Layout;
}

/** Hangs below the steps. */
const hangs = (node: Node): boolean => node.lane === 1;
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
const betweenLanes = (node: Node): number => middle(node) + (hangs(node) ? -toRail : toRail);

function alongRow({ a, b, skipped, layout: { gap, rows } }: Way): readonly Point[] {
  const afterA = leaving(a, gap);
  const beforeB = entering(b, gap);
  const lane = betweenLanes(a);
  if (!hangs(a) && !hangs(b)) {
    if (skipped.every(hangs)) return [outAt(a), inAt(b)];
    const over = rows[a.row]?.above ?? 0;
    return [outAt(a), [afterA, middle(a)], [afterA, over], [beforeB, over], [beforeB, middle(b)], inAt(b)];
  }
  if (hangs(a) && hangs(b)) {
    if (!skipped.some(hangs)) return [outAt(a), inAt(b)];
    return [outAt(a), [afterA, middle(a)], [afterA, lane], [beforeB, lane], [beforeB, middle(b)], inAt(b)];
  }
  if (hangs(b)) {
    const [port, y] = below(a, 1);
    if (skipped.length === 0) return [[port, y], [port, middle(b)], inAt(b)];
    return [[port, y], [port, lane], [beforeB, lane], [beforeB, middle(b)], inAt(b)];
  }
  const [port, y] = below(b, -1);
  if (skipped.length === 0) return [outAt(a), [port, middle(a)], [port, y]];
  return [outAt(a), [afterA, middle(a)], [afterA, lane], [port, lane], [port, y]];
}

/**
 * To a later row, where all cards stand in one lane: past the pruned ones to the rail below the row, along it, and in from the rail above
 * the other row.
 */
function acrossRows({ a, b, layout: { gap, nodes, rows } }: Way): readonly Point[] {
  const afterA = leaving(a, gap);
  const beforeB = entering(b, gap);
  const rail = rows[a.row]?.below ?? 0;
  const lastRail = rows[b.row - 1]?.below ?? 0;
  const points: Point[] = [outAt(a), [afterA, middle(a)], [afterA, rail]];
  if (b.row > a.row + 1) {
    const aside = (nodes[0]?.x ?? 0) - gap / 2;
    points.push([aside, rail], [aside, lastRail]);
  }
  return [...points, [beforeB, lastRail], [beforeB, middle(b)], inAt(b)];
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
