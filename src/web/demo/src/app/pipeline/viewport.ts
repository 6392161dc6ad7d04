/** A rectangle on the canvas, in CSS px of the pipeline at 100 %. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How near and how far the pipeline can be looked at. */
export const nearest = 2;
export const farthest = 0.05;
/** Smaller than this, cards are drawn as plain boxes: nothing on them could be read. */
export const legibleFrom = 0.5;
/** What does not fit into the window is shown smaller by itself, as long as it is easy to read. */
const comfortableFrom = 0.75;
/** With so many cards or fewer all are drawn: the browser's own search finds them, and nothing is gained by leaving some out. */
export const fewCards = 60;

/** How the user wants to look at the pipeline: `auto`: as large as it can be read, `all`: all of it, or a zoom. */
export type Wish = 'auto' | 'all' | number;

/** The zoom at which a pipeline of that size is shown in a window of that size. */
export function zoomFor(wish: Wish, content: Pick<Box, 'width' | 'height'>, room: Pick<Box, 'width' | 'height'>): number {
  if (typeof wish === 'number') return within(wish, farthest, nearest);
  const fitting = Math.min(1, room.width / content.width, room.height / content.height);
  // To whole per cents, and not a hair too large: else there would be something to scroll.
  const zoom = Math.floor(fitting * 100) / 100;
  return within(zoom, wish === 'auto' ? comfortableFrom : farthest, 1);
}

/** The next zoom in a series that has 100 % in it. */
export function zoomStep(zoom: number, direction: 1 | -1): number {
  const factor = 1.25;
  const place = Math.log(zoom) / Math.log(factor);
  const next = direction === 1 ? Math.floor(place + 1.01) : Math.ceil(place - 1.01);
  return within(factor ** next, farthest, nearest);
}

/** Whether two boxes have anything in common; touching counts. */
export function meet(a: Box, b: Box): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

/** What is drawn while `seen` is seen: somewhat more, in whole tiles, so that most of the scrolling changes nothing. */
export function drawnBox(seen: Box, tile: number): Box {
  const x = Math.floor(seen.x / tile - 0.25) * tile;
  const y = Math.floor(seen.y / tile - 0.25) * tile;
  return {
    x,
    y,
    width: Math.ceil((seen.x + seen.width) / tile + 0.25) * tile - x,
    height: Math.ceil((seen.y + seen.height) / tile + 0.25) * tile - y,
  };
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
