import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { unknown } from './figures';
import { longestGap, span } from './samples';
import { height, niceTop, path, Points, width } from './scale';

/** A line of a chart. */
export interface Line {
  readonly name: string;
  readonly points: Points;
}

let charts = 0;

/** Up to two lines over the last 15 minutes. Colour is not all that tells them apart: the second one is dashed. */
@Component({
  selector: 'collab-line-chart',
  template: `
    <h2>{{ heading() }}</h2>
    <p class="legend">
      @for (line of drawn(); track line.name) {
        <span
          ><svg class="key" viewBox="0 0 16 4" aria-hidden="true"><path d="M1 2h14" [class.second]="$index === 1" /></svg>{{ line.name }}
          <strong>{{ line.now }}</strong></span
        >
      }
    </p>
    <div class="plot">
      <span class="top" aria-hidden="true">{{ format()(top()) }}</span>
      <span class="middle" aria-hidden="true">{{ format()(top() / 2) }}</span>
      <span class="zero" aria-hidden="true">0</span>
      <svg [attr.viewBox]="viewBox" preserveAspectRatio="none" role="img" [attr.aria-labelledby]="id + '-title ' + id + '-desc'">
        <title [attr.id]="id + '-title'">{{ heading() }}, last 15 minutes</title>
        <desc [attr.id]="id + '-desc'">{{ description() }}</desc>
        <path class="grid" d="M0 0H300M0 50H300M0 100H300" />
        @for (line of drawn(); track line.name) {
          <path class="line" [class.second]="$index === 1" [attr.d]="line.path" />
        }
      </svg>
      <span class="from" aria-hidden="true">15 min ago</span>
      <span class="to" aria-hidden="true">now</span>
    </div>
    <p class="hint">{{ note() }}</p>
  `,
  styleUrl: './line-chart.css',
  host: { class: 'card' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LineChart {
  readonly heading = input.required<string>();
  /** What exactly is shown. */
  readonly note = input.required<string>();
  readonly lines = input.required<readonly Line[]>();
  /** How a value is written. */
  readonly format = input.required<(value: number) => string>();

  protected readonly id = `chart-${++charts}`;
  protected readonly viewBox = `0 0 ${width} ${height}`;
  private readonly values = computed(() => this.lines().map((line) => line.points.flatMap(({ value }) => value ?? [])));
  protected readonly top = computed(() => niceTop(this.values().reduce((top, line) => Math.max(top, ...line), 0)));
  protected readonly drawn = computed(() => {
    const end = this.lines()[0]?.points.at(-1)?.at ?? 0;
    return this.lines().map(({ name, points }) => ({
      name,
      now: this.text(points.at(-1)?.value ?? null),
      path: path(points, end - span, end, this.top(), longestGap),
    }));
  });
  protected readonly description = computed(() =>
    this.drawn()
      .map(({ name, now }, i) => {
        const values = this.values()[i] ?? [];
        if (values.length === 0) return `${name}: nothing known yet.`;
        return `${name}: now ${now}, between ${this.text(Math.min(...values))} and ${this.text(Math.max(...values))}.`;
      })
      .join(' '),
  );

  private text(value: number | null): string {
    return value === null ? unknown : this.format()(value);
  }
}
