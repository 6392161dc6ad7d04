import type { CanvasView } from './canvas-view';

/** What keys do besides what moves the view. */
interface Helpers {
  help(): void;
  search(): void;
  /** The step with the focus stays in sight, also if it got the focus before the zoom was drawn. */
  keepFocusInSight(): void;
}

type KeyAct = (view: CanvasView, helpers: Helpers) => void;

const zoom =
  (act: (view: CanvasView) => void): KeyAct =>
  (view, helpers) => {
    act(view);
    helpers.keepFocusInSight();
  };

/** Keys that work wherever the focus is, but where one types. */
const viewKeys: Readonly<Partial<Record<string, KeyAct>>> = {
  '?': (_, helpers) => helpers.help(),
  '/': (_, helpers) => helpers.search(),
  '+': zoom((view) => view.zoomBy(1)),
  '=': zoom((view) => view.zoomBy(1)),
  '-': zoom((view) => view.zoomBy(-1)),
  '0': zoom((view) => view.zoomTo('all')),
  '1': zoom((view) => view.zoomTo(1)),
};
const panKeys: Readonly<Partial<Record<string, KeyAct>>> = {
  ArrowLeft: (view) => view.pan(-1, 0),
  ArrowRight: (view) => view.pan(1, 0),
  ArrowUp: (view) => view.pan(0, -1),
  ArrowDown: (view) => view.pan(0, 1),
};

/** What a key does to the view; undefined: nothing. */
export function viewActOf({ key, shiftKey }: KeyboardEvent): KeyAct | undefined {
  return shiftKey ? (panKeys[key] ?? viewKeys[key]) : viewKeys[key];
}
