/** What the places of the cards depend on; cursors and flags move nothing. */
export interface Shape {
  readonly id: string;
  readonly kind: 'step' | 'graft';
  readonly pruned: boolean;
}

/** A card in its place, in CSS px. `row` counts the lines into which a long pipeline is broken. */
export interface Node extends Shape {
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A pipeline in its places. `nodes` are in the order of the steps. */
export interface Layout {
  readonly vertical: boolean;
  readonly width: number;
  readonly height: number;
  /** Between neighbours on a lane. */
  readonly gap: number;
  readonly nodes: readonly Node[];
  /** Where the pipeline begins and ends: small marks, not cards. */
  readonly start: Node;
  readonly end: Node;
}

export const cardHeight = 64;
/** Between the lane of the steps and the lane of the grafted agents below; a card's actions fit in. */
export const laneGap = 44;
const lanePitch = cardHeight + laneGap;
/** From the agents of a row to the steps of the next: two edges and a card's actions fit in. */
const rowGap = 64;
const rowPitch = lanePitch + cardHeight + rowGap;
const padding = { top: 68, bottom: 56, side: 16 };
/** Left and right of the cards, for the marks and the edges that go round. */
const margin = 32;
const mark = 10;
const narrowestCard = 132;
const widestCard = 176;
const narrowestGap = 36;
const widestGap = 72;
/** Narrower than this, the pipeline runs downwards. */
const narrowest = 560;

/** Places in a row: a step takes an even half-column, an agent hangs at an odd one, between two steps. */
interface Slot {
  readonly row: number;
  readonly half: number;
}

/**
 * Where everything stands in a pipeline that is `width` CSS px wide. Steps keep their lane; what is grafted after a step hangs in a
 * lane below it, halfway to the next step, so that the first agent of a step moves no other card.
 */
export function layout(shapes: readonly Shape[], width: number): Layout {
  return width < narrowest ? downwards(shapes, width) : rightwards(shapes, width);
}

function rightwards(shapes: readonly Shape[], width: number): Layout {
  const room = width - 2 * (padding.side + margin);
  const slots = balancedSlots(shapes, Math.max(1, Math.floor((2 * (room + narrowestGap)) / (narrowestCard + narrowestGap)) - 2));
  const lastHalf = Math.max(0, ...slots.map((slot) => slot.half));
  const columns = lastHalf / 2 + 1;
  const cardWidth = clamp((room - 44 * (columns - 1)) / columns, narrowestCard, widestCard);
  const gap = columns === 1 ? widestGap : clamp((room - cardWidth * columns) / (columns - 1), narrowestGap, widestGap);
  const left = padding.side + margin;
  const nodes = shapes.map((shape, i): Node => {
    const { row, half } = slots[i] ?? { row: 0, half: 0 };
    const x = left + (half / 2) * (cardWidth + gap);
    const y = padding.top + row * rowPitch + (shape.kind === 'graft' ? lanePitch : 0);
    return { ...shape, row, x, y, width: cardWidth, height: cardHeight };
  });
  const last = nodes.at(-1);
  const rows = (last?.row ?? 0) + 1;
  return {
    vertical: false,
    width: 2 * left + columns * cardWidth + (columns - 1) * gap,
    height: padding.top + rows * rowPitch - rowGap + padding.bottom,
    gap,
    nodes,
    start: terminal('step', 0, left - margin, padding.top + cardHeight / 2 - mark / 2),
    end: last
      ? terminal(last.kind, last.row, last.x + last.width + margin - mark, last.y + cardHeight / 2 - mark / 2)
      : terminal('step', 0, left, padding.top + cardHeight / 2 - mark / 2),
  };
}

function downwards(shapes: readonly Shape[], width: number): Layout {
  const left = padding.side + 20;
  const cardWidth = Math.min(width - left - padding.side, 360);
  const nodes = shapes.map((shape, i): Node => {
    const indent = shape.kind === 'graft' ? 24 : 0;
    return { ...shape, row: 0, x: left + indent, y: padding.top + 24 + i * lanePitch, width: cardWidth - indent, height: cardHeight };
  });
  const bottom = padding.top + 24 + nodes.length * lanePitch - laneGap;
  return {
    vertical: true,
    width: left + cardWidth + padding.side,
    height: bottom + margin + padding.bottom,
    gap: laneGap,
    nodes,
    start: terminal('step', 0, left + verticalPort - mark / 2, padding.top - margin / 2),
    end: terminal('step', 0, left + verticalPort - mark / 2, bottom + margin - mark),
  };
}

/** Where edges leave and enter a card of a pipeline that runs downwards, from its left: under its glyph. */
export const verticalPort = 24;

/** Rows of about the same length: the narrowest that need no more rows than the widest do. */
function balancedSlots(shapes: readonly Shape[], widest: number): readonly Slot[] {
  const rows = lastRow(slotsWithin(shapes, widest));
  for (let limit = 1; limit < widest; limit++) {
    const slots = slotsWithin(shapes, limit);
    if (lastRow(slots) === rows) return slots;
  }
  return slotsWithin(shapes, widest);
}

function slotsWithin(shapes: readonly Shape[], limit: number): readonly Slot[] {
  const slots: Slot[] = [];
  let row = 0;
  let step = -2;
  let graft = -1;
  for (const { kind } of shapes) {
    let half = kind === 'step' ? Math.max(step + 2, graft + 1) : Math.max(step + 1, graft + 2);
    if (half > limit) {
      row += 1;
      half = kind === 'step' ? 0 : 1;
      step = -2;
      graft = -1;
    }
    if (kind === 'step') step = half;
    else graft = half;
    slots.push({ row, half });
  }
  return slots;
}

function lastRow(slots: readonly Slot[]): number {
  return slots.at(-1)?.row ?? 0;
}

function terminal(kind: Shape['kind'], row: number, x: number, y: number): Node {
  return { id: '', kind, pruned: false, row, x, y, width: mark, height: mark };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
