import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

// 16 × 16, drawn with a line of 1.5.
const paths = {
  back: 'M9.5 3.5 5 8l4.5 4.5',
  check: 'm3.5 8.5 3 3 6-7',
  close: 'm4 4 8 8m0-8-8 8',
  edit: 'M10.8 2.8a1.6 1.6 0 0 1 2.3 2.3L5.8 12.4 2.7 13.2l.8-3.1 7.3-7.3Z',
  end: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6 6h4v4H6z',
  fit: 'M3 6V3h3m4 0h3v3m0 4v3h-3m-4 0H3v-3',
  flag: 'M4 14V2.5m0 .5h7.5L9.8 5.8l1.7 2.7H4',
  graft: 'M8 3.5v9M3.5 8h9',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8m1.2 2.5a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8',
  list: 'M5.5 4h8m-8 4h8m-8 4h8M2.5 4h.01m-.01 4h.01m-.01 4h.01',
  minus: 'M3.5 8h9',
  more: 'M3.5 8h.01M8 8h.01m4.49 0h.01',
  moon: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z',
  prune: 'M5.2 6.4 13 12M5.2 9.6 13 4' + 'M4 6.6a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Zm0 6.4a1.8 1.8 0 1 0 0-3.6A1.8 1.8 0 0 0 4 13Z',
  restore: 'M3 8a5 5 0 1 0 1.7-3.8L3 5.6M3 2.6v3h3',
  search: 'm13.5 13.5-3.3-3.3m1.3-3.2a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0Z',
  sun:
    'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6Z' +
    'M8 1.8v1m0 10.4v1M3.6 3.6l.7.7m7.4 7.4.7.7M1.8 8h1m10.4 0h1M3.6 12.4l.7-.7m7.4-7.4.7-.7',
  system: 'M2.5 3.5h11v7h-11zM6 13.5h4M8 10.5v3',
  undo: 'M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 8H7',
  warning: 'M8 2.5 14.2 13H1.8L8 2.5Zm0 4v3m0 1.8v.1',
} as const;

export type IconName = keyof typeof paths;

/** A small line drawing in the colour of the text around it; decoration only, the words stand beside it. */
@Component({
  selector: 'collab-icon',
  template: '<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path [attr.d]="path()" /></svg>',
  styles: `
    :host {
      display: inline-flex;
      flex: none;
    }
    svg {
      width: var(--icon-size, 1rem);
      height: var(--icon-size, 1rem);
      fill: none;
      stroke: currentColor;
      stroke-width: 1.5;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly path = computed(() => paths[this.name()]);
}
