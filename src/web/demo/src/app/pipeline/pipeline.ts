import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  ElementRef,
  inject,
  input,
  output,
  signal,
  viewChildren,
} from '@angular/core';
import { edges } from './edges';
import { FlagDialog } from './flag-dialog';
import { GraftDialog } from './graft-dialog';
import { layout, Node, Shape } from './layout';
import { FlagRequest, GraftRequest, PipelineStep, PruneRequest } from './pipeline.model';
import { Action, intentOf, Shortcuts } from './shortcuts';
import { StepCard } from './step-card';

/** How long the user has to stay on a step, or away from all, before it counts, in ms: others are not told of what is only crossed. */
const settled = 80;
/** Until the page has been measured. */
const usualWidth = 1080;

/** What the user wants to do to a step, and is asked more about. */
interface Question {
  readonly action: 'graft' | 'flag';
  /** As it was when the question was asked. */
  readonly step: PipelineStep;
}

/** The pipeline with its controls. Knows no service: what it shows comes in, what the user wants goes out. */
@Component({
  selector: 'collab-pipeline',
  imports: [FlagDialog, GraftDialog, Shortcuts, StepCard],
  templateUrl: './pipeline.html',
  styleUrl: './pipeline.css',
  host: { '(document:keydown)': 'askForHelp($event)' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Pipeline {
  readonly steps = input.required<readonly PipelineStep[]>();
  /** Shows everything, changes nothing. */
  readonly readOnly = input(false);
  /** Why, in a sentence for the user; null where it goes without saying. */
  readonly readOnlyReason = input<string | null>(null);

  readonly graft = output<GraftRequest>();
  readonly prune = output<PruneRequest>();
  readonly flag = output<FlagRequest>();
  /** The step that the user points at or has the focus in; null: none. */
  readonly focusStep = output<string | null>();

  private readonly cardViews = viewChildren(StepCard);
  /** CSS px; null: not measured yet. */
  protected readonly width = signal<number | null>(null);
  /** Nothing glides while the window changes its size. */
  protected readonly still = signal(false);
  // Others' cursors change many times a second, and move nothing.
  private readonly shapes = computed<readonly Shape[]>(() => this.steps().map(({ id, kind, pruned }) => ({ id, kind, pruned })), {
    equal: areAlike,
  });
  protected readonly graph = computed(() => layout(this.shapes(), this.width() ?? usualWidth));
  protected readonly edges = computed(() => edges(this.graph()));
  protected readonly cards = computed(() => zip(this.steps(), this.graph().nodes));

  private readonly pointed = signal<string | null>(null);
  private readonly focused = signal<string | null>(null);
  private readonly pointedLast = signal(false);
  private readonly visited = signal<string | null>(null);
  private readonly asked = signal<Question | null>(null);
  /** What is asked, if anything: a list, for each question gets a dialog of its own. */
  protected readonly questions = computed(() => {
    const asked = this.asked();
    return asked === null || this.readOnly() ? [] : [asked];
  });
  protected readonly isHelpOpen = signal(false);
  /** What the user is at: what is asked about, else where the pointer or the focus went last. */
  protected readonly target = computed(() => {
    const [one, other] = this.pointedLast() ? [this.pointed(), this.focused()] : [this.focused(), this.pointed()];
    return this.questions()[0]?.step.id ?? one ?? other;
  });
  protected readonly reachable = computed(() => {
    const visited = this.visited();
    return this.shapes().some((shape) => shape.id === visited) ? visited : this.shapes()[0]?.id;
  });

  constructor() {
    const element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    const observer = new ResizeObserver(() => {
      this.still.set(true);
      this.width.set(element.clientWidth);
    });
    afterNextRender(() => observer.observe(element));
    inject(DestroyRef).onDestroy(() => observer.disconnect());
    effect(() => {
      this.shapes();
      this.still.set(false);
    });
    let told: string | null = null;
    effect((onCleanup) => {
      const target = this.target();
      const timer = setTimeout(() => {
        if (target === told) return;
        told = target;
        this.focusStep.emit(target);
      }, settled);
      onCleanup(() => clearTimeout(timer));
    });
  }

  protected point(event: PointerEvent, id: string): void {
    // A finger points at nothing: it taps, and that moves the focus.
    if (event.pointerType === 'touch') return;
    this.pointed.set(id);
    this.pointedLast.set(true);
  }

  protected unpoint(id: string): void {
    if (this.pointed() === id) this.pointed.set(null);
  }

  protected focus(id: string): void {
    this.focused.set(id);
    this.visited.set(id);
    this.pointedLast.set(false);
  }

  protected unfocus(event: FocusEvent): void {
    const card = event.currentTarget as HTMLElement;
    if (!card.contains(event.relatedTarget as HTMLElement | null)) this.focused.set(null);
  }

  protected press(event: KeyboardEvent, step: PipelineStep): void {
    const intent = intentOf(event);
    if (!intent) return;
    event.preventDefault();
    if (intent.kind === 'act') return this.act(intent.action, step);
    const last = this.steps().length - 1;
    const at = this.steps().indexOf(step);
    const to = { next: at + 1, previous: at - 1, first: 0, last }[intent.to];
    this.cardViews()[Math.min(Math.max(0, to), last)]?.focus();
  }

  protected act(action: Action, step: PipelineStep): void {
    if (this.readOnly()) return;
    if (action === 'prune') this.prune.emit({ stepId: step.id, isPruned: !step.pruned });
    else this.asked.set({ action, step });
  }

  /** A dialog says late that it was closed: the next one may have been asked for by then. */
  protected forget(question: Question): void {
    if (this.asked() === question) this.asked.set(null);
  }

  /** The step that is asked about, as it is now; it may be gone. */
  protected stepOf({ step }: Question): PipelineStep {
    return this.steps().find(({ id }) => id === step.id) ?? step;
  }

  /** The agent that a graft after this step would push out: there is one for each step. */
  protected graftedAfter(step: PipelineStep): string | null {
    const next = this.steps()[this.steps().indexOf(step) + 1];
    const isItsOwn = next?.kind === 'graft' && (next.graftedBy?.after ?? step.id) === step.id;
    return isItsOwn ? next.name : null;
  }

  protected askForHelp(event: KeyboardEvent): void {
    if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as HTMLElement).closest('input, textarea, select, dialog')) return;
    event.preventDefault();
    this.isHelpOpen.set(true);
  }
}

function areAlike(a: readonly Shape[], b: readonly Shape[]): boolean {
  return a.length === b.length && a.every((x, i) => x.id === b[i]?.id && x.kind === b[i].kind && x.pruned === b[i].pruned);
}

function zip(steps: readonly PipelineStep[], nodes: readonly Node[]): readonly { readonly step: PipelineStep; readonly node: Node }[] {
  return steps.flatMap((step, i) => {
    const node = nodes[i];
    return node ? { step, node } : [];
  });
}
