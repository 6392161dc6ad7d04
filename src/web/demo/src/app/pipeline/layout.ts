/** What the places of the cards depend on; cursors and flags move nothing. */
export interface Shape {
  readonly id: string;
  readonly kind: 'step' | 'graft';
  readonly pruned: boolean;
}

/** A card in its place, in CSS px. `row` counts the lines into which a long pipeline is broken. */
export interface Node extends Shape {
  readonly row: number;
  /** 1: below the steps of its row, where agents hang as long as one row is enough. */
  readonly lane: 0 | 1;
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
/** From a row to the next: two edges and a card's actions fit in. */
const rowGap = 64;
const padding = { top: 56, bottom: 56, side: 12 };
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

/** So many rows are as wide as the window; with more, the pipeline grows to both sides, and keeps the shape of a window. */
const mostRows = 8;
const aspect = 1.6;

/** Places in a row: a step takes an even half-column, an agent hangs at an odd one, between two steps. */
interface Slot {
  readonly row: number;
  readonly half: number;
  readonly lane: 0 | 1;
}

/**
 * Where everything stands in a pipeline that is shown `width` CSS px wide. As long as one row is enough, steps keep their lane, and what is
 * grafted after a step hangs in a lane below it, halfway to the next step, so that the first agent of a step moves no other card. Longer
 * ones are read like text, in rows whose cards stand in columns; those with very many cards are wider than the window.
 */
export function layout(shapes: readonly Shape[], width: number): Layout {
  return width < narrowest ? downwards(shapes, width) : rightwards(shapes, width);
}

function rightwards(shapes: readonly Shape[], width: number): Layout {
  const room = width - 2 * (padding.side + margin);
  const fitting = Math.max(1, Math.floor((room + narrowestGap) / (narrowestCard + narrowestGap)));
  const hanging = hangingSlots(shapes);
  const isOneRow = hanging.every(({ half }) => half <= 2 * fitting - 2);
  const slots = isOneRow ? hanging : gridSlots(shapes.length, fitting);
  const lastHalf = Math.max(0, ...slots.map((slot) => slot.half));
  const columns = lastHalf / 2 + 1;
  const cardWidth = clamp((room - comfortableGap * (columns - 1)) / columns, narrowestCard, widestCard);
  const gap = columns === 1 ? widestGap : clamp((room - cardWidth * columns) / (columns - 1), narrowestGap, widestGap);
  const left = padding.side + margin;
  const rows = rowsOf(lastRow(slots) + 1, isOneRow);
  const nodes = shapes.map((shape, i): Node => {
    const { row, half, lane } = slots[i] ?? { row: 0, half: 0, lane: 0 };
    const x = left + (half / 2) * (cardWidth + gap);
    const y = rows[row]?.[lane === 1 ? 'graftY' : 'stepY'] ?? 0;
    return { ...shape, row, lane, x, y, width: cardWidth, height: cardHeight };
  });
  const last = nodes.at(-1);
  return {
    vertical: false,
    width: 2 * left + columns * cardWidth + (columns - 1) * gap,
    height: (rows.at(-1)?.below ?? 0) - railGap + padding.bottom,
    gap,
    nodes,
    rows,
    start: terminal(0, 0, left - margin, (rows[0]?.stepY ?? 0) + cardHeight / 2 - mark / 2),
    end: last
      ? terminal(last.lane, last.row, last.x + last.width + margin - mark, last.y + cardHeight / 2 - mark / 2)
      : terminal(0, 0, left, padding.top + cardHeight / 2 - mark / 2),
  };
}

function downwards(shapes: readonly Shape[], width: number): Layout {
  const left = 2 * padding.side + 12;
  const cardWidth = Math.min(width - left - padding.side, 360);
  const nodes = shapes.map((shape, i): Node => {
    const indent = shape.kind === 'graft' ? 24 : 0;
    return {
      ...shape,
      row: 0,
      lane: 0,
      x: left + indent,
      y: padding.bottom + i * lanePitch,
      width: cardWidth - indent,
      height: cardHeight,
    };
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
    start: terminal(0, 0, middle, padding.bottom - margin - mark / 2),
    end: terminal(0, 0, middle, bottom + margin - mark / 2),
  };
}

/** From top to bottom. One row alone has a lane for agents, of which it keeps room for the first. */
function rowsOf(count: number, hasLanes: boolean): readonly Row[] {
  return Array.from({ length: count }, (_, row): Row => {
    const stepY = padding.top + row * (cardHeight + rowGap);
    const graftY = hasLanes ? stepY + lanePitch : stepY;
    return { stepY, graftY, above: stepY - railGap, below: graftY + cardHeight + railGap };
  });
}

/** Where edges leave and enter a card of a pipeline that runs downwards, from its left: under its glyph. */
export const verticalPort = 24;

/** All in one row, agents below the steps. */
function hangingSlots(shapes: readonly Shape[]): readonly Slot[] {
  let step = -2;
  let graft = -1;
  return shapes.map(({ kind }): Slot => {
    const half = kind === 'step' ? Math.max(step + 2, graft + 1) : Math.max(step + 1, graft + 2);
    if (kind === 'step') step = half;
    else graft = half;
    return { row: 0, half, lane: kind === 'step' ? 0 : 1 };
  });
}

/** Rows of about the same length: as many columns as fit, and more where the rows would become a tower. */
function gridSlots(count: number, fitting: number): readonly Slot[] {
  const pitch = (cardHeight + rowGap) / (narrowestCard + comfortableGap);
  const widest = count <= fitting * mostRows ? fitting : Math.max(fitting, Math.ceil(Math.sqrt(count * pitch * aspect)));
  const columns = Math.ceil(count / Math.ceil(count / widest));
  return Array.from({ length: count }, (_, i): Slot => ({ row: Math.floor(i / columns), half: 2 * (i % columns), lane: 0 }));
}

function lastRow(slots: readonly Slot[]): number {
  return slots.at(-1)?.row ?? 0;
}

function terminal(lane: 0 | 1, row: number, x: number, y: number): Node {
  return { id: '', kind: 'step', pruned: false, row, lane, x, y, width: mark, height: mark };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
