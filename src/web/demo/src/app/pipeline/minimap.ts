import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { userColour } from '@collab/angular';
import { CanvasView } from './canvas-view';
import { Layout, Node } from './layout';
import { Box } from './viewport';

/** At most so large, in CSS px. */
const [mostWide, mostHigh] = [168, 108];

/** The whole pipeline, small, with what is seen of it: for the mouse; the keyboard goes from step to step. */
@Component({
  selector: 'collab-minimap',
  template: `
    <svg [attr.viewBox]="'0 0 ' + graph().width + ' ' + graph().height" [style.width.px]="size().width" [style.height.px]="size().height">
      @for (shape of shapes(); track shape.kind) {
        <path class="{{ shape.kind }}" [attr.d]="shape.path" />
      }
    </svg>
    <!-- What moves many times a second lies above what is costly to draw. -->
    <svg
      class="over"
      [attr.viewBox]="'0 0 ' + graph().width + ' ' + graph().height"
      (pointerdown)="go($event)"
      (pointermove)="drag($event)"
    >
      @for (spot of people(); track spot.id) {
        <circle [attr.cx]="spot.x" [attr.cy]="spot.y" [attr.r]="2.5 / size().scale" [style.fill]="spot.colour" />
      }
      <rect [attr.x]="port().x" [attr.y]="port().y" [attr.width]="port().width" [attr.height]="port().height" />
    </svg>
  `,
  styles: `
    :host {
      position: absolute;
      bottom: var(--space-4);
      left: var(--space-4);
      padding: 4px;
      border: 1px solid var(--border-strong);
      border-radius: var(--radius-2);
      background: var(--surface);
      box-shadow: var(--shadow-1);
    }
    svg {
      display: block;
      will-change: transform;
    }
    .over {
      position: absolute;
      inset: 4px;
      width: calc(100% - 8px);
      height: calc(100% - 8px);
      cursor: pointer;
      touch-action: none;
    }
    path {
      fill: var(--border-strong);
    }
    .graft {
      fill: var(--graft);
      opacity: 0.55;
    }
    .pruned {
      fill: var(--surface-3);
    }
    .flagged {
      fill: var(--flag);
    }
    rect {
      fill: var(--accent);
      fill-opacity: 0.08;
      stroke: var(--accent);
      stroke-width: 1.5px;
      vector-effect: non-scaling-stroke;
    }
    @media (max-width: 860px), (max-height: 480px) {
      :host {
        display: none;
      }
    }
  `,
  host: { 'aria-hidden': 'true', 'data-testid': 'minimap' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Minimap {
  readonly graph = input.required<Layout>();
  readonly flagged = input.required<ReadonlySet<string>>();
  /** Which user is on which step. */
  readonly visitors = input.required<ReadonlyMap<string, string>>();

  private readonly view = inject(CanvasView);
  protected readonly size = computed(() => {
    const { width, height } = this.graph();
    const scale = Math.min(mostWide / width, mostHigh / height);
    return { scale, width: width * scale, height: height * scale };
  });
  protected readonly shapes = computed(() => boxes(this.graph().nodes, this.flagged()));
  protected readonly people = computed(() => {
    const visitors = this.visitors();
    if (visitors.size === 0) return [];
    return this.graph().nodes.flatMap((node) => {
      const user = visitors.get(node.id);
      return user === undefined ? [] : [{ id: node.id, x: node.x + node.width / 2, y: node.y + node.height / 2, colour: userColour(user) }];
    });
  });
  protected readonly port = computed<Box>(() => {
    const [{ x, y, width, height }, all] = [this.view.seen(), this.graph()];
    const [left, top] = [Math.max(0, x), Math.max(0, y)];
    return {
      x: left,
      y: top,
      width: Math.max(0, Math.min(all.width, x + width) - left),
      height: Math.max(0, Math.min(all.height, y + height) - top),
    };
  });

  protected go(event: PointerEvent): void {
    event.preventDefault();
    const svg = event.currentTarget as SVGElement;
    svg.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  protected drag(event: PointerEvent): void {
    if (event.buttons === 0) return;
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    const { scale } = this.size();
    this.view.centre({ x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale });
  }
}

/** Cards as plain boxes, one path for each look: a thousand of them are four elements. */
export function boxes(nodes: readonly Node[], flagged: ReadonlySet<string>): readonly { readonly kind: string; readonly path: string }[] {
  const paths = new Map<string, string>();
  for (const { id, kind, pruned, x, y, width, height } of nodes) {
    const look = flagged.has(id) ? 'flagged' : pruned ? 'pruned' : kind;
    paths.set(look, `${paths.get(look) ?? ''}M${Math.round(x)} ${Math.round(y)}h${Math.round(width)}v${height}h${-Math.round(width)}z`);
  }
  return [...paths].map(([kind, path]) => ({ kind, path }));
}
