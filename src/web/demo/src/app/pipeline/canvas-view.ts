import { afterNextRender, afterRenderEffect, computed, DestroyRef, inject, Injectable, Injector, Signal, signal } from '@angular/core';
import { Box, drawnBox, legibleFrom, meet, Wish, zoomFor, zoomStep } from './viewport';

type Size = Pick<Box, 'width' | 'height'>;
type Content = Size & { readonly vertical: boolean };
interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Until the page has been measured, in CSS px. */
const usualRoom: Size = { width: 1080, height: 640 };
/** Left for scroll bars, so that what just fits needs none. */
const scrollBar = 12;
/** Scrolling draws anew once it has crossed a tile of this size, in CSS px of the pipeline at 100 %. */
const tile = 256;
/** A press of a key moves the canvas so far, in CSS px. */
const keyStep = 96;
/** A pointer that moved less has clicked. */
const slack = 4;

/**
 * The window on the pipeline: which part of it is seen, and how large. The element scrolls by itself, with wheel, finger and keyboard; this
 * adds dragging and zoom.
 */
@Injectable()
export class CanvasView {
  private readonly injector = inject(Injector);
  private readonly content = signal<Signal<Content>>(signal({ width: 1, height: 1, vertical: false }));
  private readonly measured = signal<Size | null>(null);
  private readonly scrolled = signal<Spot>({ x: 0, y: 0 });
  private element: HTMLElement | null = null;
  /** The zoom that the document has now: the one that is wanted comes with the next frame. */
  private drawnZoom = 1;

  readonly wish = signal<Wish>('auto');
  readonly isDragged = signal(false);
  readonly isMeasured = computed(() => this.measured() !== null);
  /** How much room there is, scroll bars left out. */
  readonly room = computed<Size>(() => {
    const size = this.measured() ?? usualRoom;
    return { width: Math.max(1, size.width - scrollBar), height: Math.max(1, size.height - scrollBar) };
  });
  readonly zoom = computed(() => {
    const { width, height, vertical } = this.content()();
    const { room, wish } = { room: this.room(), wish: this.wish() };
    // What runs downwards is as wide as the window, and scrolls.
    return zoomFor(wish, { width, height }, vertical && wish === 'auto' ? { width, height: Infinity } : room);
  });
  /** What is seen now, in CSS px of the pipeline at 100 %. */
  readonly seen = computed<Box>(() => {
    const [zoom, margin, { x, y }, { width, height }] = [this.zoom(), this.marginAt(this.zoom()), this.scrolled(), this.room()];
    return { x: (x - margin.x) / zoom, y: (y - margin.y) / zoom, width: width / zoom, height: height / zoom };
  });
  /** What is drawn. */
  readonly drawn = computed(() => drawnBox(this.seen(), tile), { equal: isSame });
  /** Whether some of the pipeline is out of sight. */
  readonly isCut = computed(() => {
    const [{ width, height }, { width: w, height: h }] = [this.content()(), this.seen()];
    return width > w + 1 || height > h + 1;
  });

  constructor() {
    afterRenderEffect(() => {
      this.drawnZoom = this.zoom();
    });
  }

  /** Tells what the size of the pipeline is. */
  show(content: Signal<Content>): void {
    this.content.set(content);
  }

  /** Takes the element that scrolls. `resized`: called before a new size counts. */
  attach(element: HTMLElement, resized: () => void): void {
    this.element = element;
    const observer = new ResizeObserver(() => {
      resized();
      this.measured.set({ width: element.offsetWidth, height: element.offsetHeight });
    });
    observer.observe(element);
    const listening = new AbortController();
    const { signal } = listening;
    // Not by the template: nothing is to be drawn for most of them.
    element.addEventListener('scroll', () => this.readScroll(), { passive: true, signal });
    element.addEventListener('wheel', (event) => this.wheel(event), { passive: false, signal });
    element.addEventListener('pointerdown', (event) => this.drag(element, event), { signal });
    element.addEventListener('touchstart', (event) => this.pinch(element, event), { passive: true, signal });
    this.injector.get(DestroyRef).onDestroy(() => {
      observer.disconnect();
      listening.abort();
    });
  }

  /** `at`: what stays where it is, in CSS px of the window; the middle unless told. */
  zoomTo(wish: Wish, at?: Spot): void {
    const view = this.element;
    if (!view) return this.wish.set(wish);
    const box = view.getBoundingClientRect();
    const hold = at ? { x: at.x - box.left, y: at.y - box.top } : { x: view.clientWidth / 2, y: view.clientHeight / 2 };
    const margin = this.marginAt(this.drawnZoom);
    const spot = {
      x: (view.scrollLeft + hold.x - margin.x) / this.drawnZoom,
      y: (view.scrollTop + hold.y - margin.y) / this.drawnZoom,
    };
    this.wish.set(wish);
    this.bring(spot, hold);
  }

  zoomBy(direction: 1 | -1, at?: Spot): void {
    this.zoomTo(zoomStep(this.zoom(), direction), at);
  }

  /** Brings a card to the middle, as large as it can be read. */
  reveal(box: Box): void {
    if (this.zoom() < legibleFrom) this.wish.set(1);
    else if (meet(shrunk(box, -8), shrunk(this.seen(), box.height))) return;
    const { width, height } = this.room();
    this.bring({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, { x: width / 2, y: height / 2 });
  }

  /** Moves by so many presses of a key. */
  pan(x: number, y: number): void {
    this.element?.scrollBy(x * keyStep, y * keyStep);
    this.readScroll();
  }

  /** Puts a spot of the pipeline into the middle. */
  centre(spot: Spot): void {
    const { width, height } = this.room();
    this.place(spot, { x: width / 2, y: height / 2 });
  }

  private bring(spot: Spot, hold: Spot): void {
    afterNextRender(() => this.place(spot, hold), { injector: this.injector });
  }

  private place(spot: Spot, hold: Spot): void {
    const [view, zoom] = [this.element, this.zoom()];
    if (!view) return;
    const margin = this.marginAt(zoom);
    view.scrollLeft = spot.x * zoom + margin.x - hold.x;
    view.scrollTop = spot.y * zoom + margin.y - hold.y;
    this.readScroll();
  }

  /** What is smaller than the window stands in its middle. */
  private marginAt(zoom: number): Spot {
    const [{ width, height }, room] = [this.content()(), this.measured() ?? usualRoom];
    return { x: Math.max(0, (room.width - width * zoom) / 2), y: Math.max(0, (room.height - height * zoom) / 2) };
  }

  private readScroll(): void {
    if (this.element) this.scrolled.set({ x: this.element.scrollLeft, y: this.element.scrollTop });
  }

  /** With Ctrl, and as browsers tell of two fingers on a touch pad. */
  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 30;
    this.zoomTo(this.zoom() * Math.exp(-Math.max(-60, Math.min(60, pixels)) / 200), { x: event.clientX, y: event.clientY });
  }

  private drag(view: HTMLElement, down: PointerEvent): void {
    // A finger scrolls by itself.
    if (down.pointerType === 'touch' || down.button > 1) return;
    const isOnCard = down.target instanceof Element && down.target.closest('[data-node-id]') !== null;
    if (down.button === 0 && isOnCard) return;
    // The middle button would scroll in its own way.
    if (down.button === 1) down.preventDefault();
    const from = { x: view.scrollLeft + down.clientX, y: view.scrollTop + down.clientY };
    const listening = new AbortController();
    const { signal } = listening;
    const move = (event: PointerEvent): void => {
      if (!this.isDragged() && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < slack) return;
      this.isDragged.set(true);
      view.scrollTo({ left: from.x - event.clientX, top: from.y - event.clientY, behavior: 'instant' });
    };
    const end = (): void => {
      listening.abort();
      this.isDragged.set(false);
    };
    const up = ({ clientX, clientY, button }: PointerEvent): void => {
      // Where nothing can be read, a click looks closer.
      if (button === 0 && !this.isDragged() && this.zoom() < legibleFrom) this.zoomTo(1, { x: clientX, y: clientY });
      end();
    };
    document.addEventListener('pointermove', move, { signal });
    document.addEventListener('pointerup', up, { signal });
    document.addEventListener('pointercancel', end, { signal });
  }

  private pinch(view: HTMLElement, start: TouchEvent): void {
    if (start.touches.length !== 2) return;
    const zoom = this.zoom();
    const width = spread(start);
    const listening = new AbortController();
    const { signal } = listening;
    const move = (event: TouchEvent): void => {
      if (event.touches.length !== 2) return;
      event.preventDefault();
      const [one, other] = [event.touches[0], event.touches[1]];
      if (!one || !other) return;
      this.zoomTo((zoom * spread(event)) / width, { x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2 });
    };
    const end = (): void => listening.abort();
    view.addEventListener('touchmove', move, { passive: false, signal });
    view.addEventListener('touchend', end, { signal });
    view.addEventListener('touchcancel', end, { signal });
  }
}

function spread({ touches: [one, other] }: TouchEvent): number {
  return one && other ? Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)) : 1;
}

function shrunk({ x, y, width, height }: Box, by: number): Box {
  return { x: x + by, y: y + by, width: Math.max(0, width - 2 * by), height: Math.max(0, height - 2 * by) };
}

function isSame(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
