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

/** A line of cards: its y for each kind of card, and where edges can pass above and below all of them. */
export interface Row {
  readonly stepY: number;
  readonly graftY: number;
  readonly above: number;
  readonly below: number;
}

/** A pipeline in its places. `nodes` are in the order of the steps. */
export interface Layout {
  readonly vertical: boolean;
  readonly width: number;
  readonly height: number;
  /** Between neighbours on a lane. */
  readonly gap: number;
  readonly nodes: readonly Node[];
  readonly rows: readonly Row[];
  /** Where the pipeline begins and ends: small marks, not cards. */
  readonly start: Node;
  readonly end: Node;
}

export const cardHeight = 68;
/** Between the lane of the steps and the lane of the grafted agents below; a card's actions fit in. */
export const laneGap = 44;
/** From cards to the edges that pass them. */
const railGap = laneGap / 2;
const lanePitch = cardHeight + laneGap;
/** From the agents of a row to the steps of the next: two edges and a card's actions fit in. */
const rowGap = 64;
const padding = { top: 68, bottom: 56, side: 12 };
/** Left and right of the cards, for the marks and the edges that go round. */
const margin = 28;
const mark = 10;
const narrowestCard = 140;
const widestCard = 200;
const narrowestGap = 32;
const comfortableGap = 44;
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
  const cardWidth = clamp((room - comfortableGap * (columns - 1)) / columns, narrowestCard, widestCard);
  const gap = columns === 1 ? widestGap : clamp((room - cardWidth * columns) / (columns - 1), narrowestGap, widestGap);
  const left = padding.side + margin;
  const rows = rowsOf(shapes, slots);
  const nodes = shapes.map((shape, i): Node => {
    const { row, half } = slots[i] ?? { row: 0, half: 0 };
    const x = left + (half / 2) * (cardWidth + gap);
    const y = rows[row]?.[shape.kind === 'graft' ? 'graftY' : 'stepY'] ?? 0;
    return { ...shape, row, x, y, width: cardWidth, height: cardHeight };
  });
  const last = nodes.at(-1);
  return {
    vertical: false,
    width: 2 * left + columns * cardWidth + (columns - 1) * gap,
    height: (rows.at(-1)?.below ?? 0) - railGap + padding.bottom,
    gap,
    nodes,
    rows,
    start: terminal('step', 0, left - margin, (rows[0]?.stepY ?? 0) + cardHeight / 2 - mark / 2),
    end: last
      ? terminal(last.kind, last.row, last.x + last.width + margin - mark, last.y + cardHeight / 2 - mark / 2)
      : terminal('step', 0, left, padding.top + cardHeight / 2 - mark / 2),
  };
}

function downwards(shapes: readonly Shape[], width: number): Layout {
  const left = 2 * padding.side + 12;
  const cardWidth = Math.min(width - left - padding.side, 360);
  const nodes = shapes.map((shape, i): Node => {
    const indent = shape.kind === 'graft' ? 24 : 0;
    return { ...shape, row: 0, x: left + indent, y: padding.bottom + i * lanePitch, width: cardWidth - indent, height: cardHeight };
  });
  const bottom = padding.bottom + nodes.length * lanePitch - laneGap;
  const middle = left + verticalPort - mark / 2;
  return {
    vertical: true,
    width: left + cardWidth + padding.side,
    height: bottom + margin + padding.bottom,
    gap: laneGap,
    nodes,
    rows: [],
    start: terminal('step', 0, middle, padding.bottom - margin - mark / 2),
    end: terminal('step', 0, middle, bottom + margin - mark / 2),
  };
}

/** From top to bottom. Of several rows each has only the lanes that it needs; one alone keeps room for its first agent. */
function rowsOf(shapes: readonly Shape[], slots: readonly Slot[]): readonly Row[] {
  const count = lastRow(slots) + 1;
  let y = padding.top;
  return Array.from({ length: count }, (_, row): Row => {
    const kinds = new Set(shapes.filter((_shape, i) => slots[i]?.row === row).map((shape) => shape.kind));
    const hasBoth = count === 1 || kinds.size === 2;
    const stepY = y;
    const graftY = hasBoth ? y + lanePitch : y;
    y = graftY + cardHeight + rowGap;
    return { stepY, graftY, above: stepY - railGap, below: graftY + cardHeight + railGap };
  });
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
