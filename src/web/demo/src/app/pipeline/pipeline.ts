import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  Injector,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
  viewChildren,
} from '@angular/core';
import { userColour } from '@collab/angular';
import { Icon } from '../shared/icon';
import { CanvasView } from './canvas-view';
import { edges, traces } from './edges';
import { FindStep } from './find-step';
import { FlagDialog } from './flag-dialog';
import { GraftDialog } from './graft-dialog';
import { layout, Node, Shape } from './layout';
import { boxes, Minimap } from './minimap';
import { FlagRequest, GraftRequest, PipelineStep, PruneRequest } from './pipeline.model';
import { Action, intentOf, Shortcuts } from './shortcuts';
import { StepCard } from './step-card';
import { isSamePlace, toolbarPlace } from './toolbar-place';
import { viewActOf } from './view-keys';
import { fewCards, legibleFrom, meet } from './viewport';

/** How long the user has to stay on a step, or away from all, before it counts, in ms: others are not told of what is only crossed. */
const settled = 80;

/** What the user wants to do to a step, and is asked more about. */
interface Question {
  readonly action: 'graft' | 'flag';
  /** As it was when the question was asked. */
  readonly step: PipelineStep;
}

/** The pipeline with its controls. Knows no service: what it shows comes in, what the user wants goes out. */
@Component({
  selector: 'collab-pipeline',
  imports: [FindStep, FlagDialog, GraftDialog, Icon, Minimap, Shortcuts, StepCard],
  providers: [CanvasView],
  templateUrl: './pipeline.html',
  styleUrl: './pipeline.css',
  host: { '(document:keydown)': 'pressAnywhere($event)' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Pipeline {
  readonly steps = input.required<readonly PipelineStep[]>();
  /** The pipeline in figures, above it. */
  readonly summary = input('');
  /** Whether the user may change anything at all: else nothing of the kind is offered. */
  readonly mayChange = input(true);
  /** Shows everything, changes nothing for now. */
  readonly readOnly = input(false);
  /** Why, in a sentence for the user; null where it goes without saying. */
  readonly readOnlyReason = input<string | null>(null);

  readonly graft = output<GraftRequest>();
  readonly prune = output<PruneRequest>();
  readonly flag = output<FlagRequest>();
  /** The step that the user points at or has the focus in; null: none. */
  readonly focusStep = output<string | null>();

  protected readonly view = inject(CanvasView);
  private readonly injector = inject(Injector);
  private readonly cardViews = viewChildren(StepCard);
  private readonly scroller = viewChild.required<ElementRef<HTMLElement>>('scroller');
  private readonly find = viewChild.required(FindStep);
  /** Nothing glides while the window changes its size. */
  protected readonly still = signal(false);
  // Others' cursors change many times a second, and move nothing.
  private readonly shapes = computed<readonly Shape[]>(() => this.steps().map(({ id, kind, pruned }) => ({ id, kind, pruned })), {
    equal: areAlike,
  });
  /** What has come while one looked: it slides in. What scrolls into sight does not. */
  protected readonly arrivals = linkedSignal<readonly Shape[], ReadonlySet<string>>({
    source: this.shapes,
    computation: (shapes, before) => {
      const known = before && new Set(before.source.map(({ id }) => id));
      return new Set(known && known.size > 0 ? shapes.flatMap(({ id }) => (known.has(id) ? [] : [id])) : []);
    },
  });
  private readonly width = computed(() => this.view.room().width);
  protected readonly graph = computed(() => layout(this.shapes(), this.width()));
  protected readonly isLarge = computed(() => this.shapes().length > fewCards);
  /** Where edges and cards are drawn; null: all of them are. */
  private readonly area = computed(() => (this.isLarge() ? this.view.drawn() : null));
  /** Too small to be read: cards are boxes. */
  protected readonly isOverview = computed(() => this.isLarge() && this.view.zoom() < legibleFrom);
  protected readonly edges = computed(() => edges(this.graph(), this.area()));
  protected readonly traces = computed(() => traces(this.graph(), this.area()));
  protected readonly cards = computed(() => {
    const all = zip(this.steps(), this.graph().nodes);
    const [area, isOverview, kept] = [this.area(), this.isOverview(), [this.reachable(), this.target(), this.focused(), this.sought()]];
    if (area === null) return all;
    return all.filter(({ step, node }) => kept.includes(step.id) || (!isOverview && meet(node, area)));
  });
  protected readonly flagged = computed(() => new Set(this.steps().flatMap(({ id, flag }) => (flag ? [id] : []))), { equal: holdTheSame });
  protected readonly boxes = computed(() => (this.isOverview() ? boxes(this.graph().nodes, this.flagged()) : []));
  /** Whom to show on a step where only one fits. */
  protected readonly visitors = computed(
    () => new Map(this.steps().flatMap(({ id, cursors: [user] }) => (user === undefined ? [] : [[id, user] as const]))),
    { equal: areTheSame },
  );
  protected readonly rings = computed(() => {
    const visitors = this.visitors();
    if (!this.isOverview() || visitors.size === 0) return [];
    return this.graph().nodes.flatMap((node) => {
      const user = visitors.get(node.id);
      return user === undefined ? [] : [{ node, colour: userColour(user) }];
    });
  });
  protected readonly percent = computed(() => Math.round(this.view.zoom() * 100));

  /** The step that was found last. */
  protected readonly sought = signal<string | null>(null);
  private readonly pointed = signal<string | null>(null);
  protected readonly focused = signal<string | null>(null);
  private readonly pointedLast = signal(false);
  private readonly visited = signal<string | null>(null);
  private readonly asked = signal<Question | null>(null);
  /** What is asked, if anything: a list, for each question gets a dialog of its own. */
  protected readonly questions = computed(() => {
    const asked = this.asked();
    return asked === null ? [] : [asked];
  });
  /** Why what is asked cannot be done any more: what was typed stays there to be read. Null: it can. */
  protected readonly obstacle = computed(() => (this.readOnly() ? (this.readOnlyReason() ?? 'It cannot be changed now.') : null));
  protected readonly isHelpOpen = signal(false);
  /** What the user is at: what is asked about, else where the pointer or the focus went last. */
  protected readonly target = computed(() => {
    const [one, other] = this.pointedLast() ? [this.pointed(), this.focused()] : [this.focused(), this.pointed()];
    return this.questions()[0]?.step.id ?? one ?? other;
  });
  /** Where the actions of what the user is at fit. */
  protected readonly toolbar = computed(
    () => {
      const target = this.target();
      const node = target === null ? undefined : this.graph().nodes.find(({ id }) => id === target);
      return node ? toolbarPlace(node, this.view.seen(), this.view.zoom()) : null;
    },
    { equal: isSamePlace },
  );
  protected readonly reachable = computed(() => {
    const visited = this.visited();
    return this.shapes().some((shape) => shape.id === visited) ? visited : this.shapes()[0]?.id;
  });

  constructor() {
    this.view.show(this.graph);
    afterNextRender(() => this.view.attach(this.scroller().nativeElement, () => this.still.set(true)));
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
    const target = this.steps()[Math.min(Math.max(0, to), last)];
    if (target) this.goTo(target.id);
  }

  /** Gives a step the focus, and draws it before if it is out of sight. */
  protected goTo(id: string): void {
    const card = this.cardViews().find((each) => each.step().id === id);
    if (card) return card.focus();
    this.visited.set(id);
    afterNextRender(
      () =>
        this.cardViews()
          .find((each) => each.step().id === id)
          ?.focus(),
      { injector: this.injector },
    );
  }

  /** Shows a step that was found. */
  protected seek(id: string | null): void {
    this.sought.set(id);
    const node = this.graph().nodes.find((each) => each.id === id);
    if (node) this.view.reveal(node);
  }

  protected act(action: Action, step: PipelineStep): void {
    if (this.readOnly() || !this.mayChange()) return;
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

  protected pressAnywhere(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if ((event.target as HTMLElement).closest('input, textarea, select, dialog')) return;
    const act = viewActOf(event);
    if (!act) return;
    event.preventDefault();
    act(this.view, this);
  }

  help(): void {
    this.isHelpOpen.set(true);
  }

  search(): void {
    this.find().focus();
  }

  keepFocusInSight(): void {
    // Behind what puts the view where it belongs: that comes with the next frame too.
    afterNextRender(() => document.activeElement?.closest('[data-node-id]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), {
      injector: this.injector,
    });
  }
}

function areAlike(a: readonly Shape[], b: readonly Shape[]): boolean {
  return a.length === b.length && a.every((x, i) => x.id === b[i]?.id && x.kind === b[i].kind && x.pruned === b[i].pruned);
}

interface Card {
  readonly step: PipelineStep;
  readonly node: Node;
  /** Its place among all of them. */
  readonly at: number;
}

function zip(steps: readonly PipelineStep[], nodes: readonly Node[]): readonly Card[] {
  return steps.flatMap((step, at) => {
    const node = nodes[at];
    return node ? { step, node, at } : [];
  });
}

function holdTheSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}

function areTheSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
