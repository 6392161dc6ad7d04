import { Box } from './viewport';

/** Where the actions of a card fit into what is seen; distances from the card's left side, in CSS px of the pipeline at 100 %. */
export interface ToolbarPlace {
  /** To the left edge of what is seen; null: it is far away. */
  readonly left: number | null;
  /** To the right edge; null: it is far away. */
  readonly right: number | null;
  /** There is no room below the card, and some above it. */
  readonly above: boolean;
}

/** What is further away than this, in CSS px of the screen, does not matter. */
const far = 480;
/** Of the actions with the way to the card, in CSS px of the screen. */
const height = 48;

/** At the edges it changes with what is seen, elsewhere it does not: scrolling draws nothing anew for it. */
export function toolbarPlace(card: Box, seen: Box, zoom: number): ToolbarPlace {
  const near = (distance: number): number | null => (distance * zoom > far ? null : Math.round(distance));
  const room = height * Math.max(1, zoom);
  const below = seen.y + seen.height - (card.y + card.height);
  return {
    left: near(card.x - seen.x),
    right: near(seen.x + seen.width - card.x),
    above: below * zoom < room && (card.y - seen.y) * zoom >= room,
  };
}

export function isSamePlace(a: ToolbarPlace | null, b: ToolbarPlace | null): boolean {
  return a?.left === b?.left && a?.right === b?.right && a?.above === b?.above;
}
