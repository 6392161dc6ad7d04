import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, output } from '@angular/core';
import { called, guarded, isolated, legible } from '@collab/angular';
import { Icon } from '../shared/icon';
import { Cursors } from './cursors';
import { FlagBadge } from './flag-badge';
import { activityWords, describe, lookOf } from './looks';
import { PipelineStep } from './pipeline.model';
import { Action } from './shortcuts';

let count = 0;

/** A step of the pipeline with what stands on it, and what one can do to it. */
@Component({
  selector: 'collab-step-card',
  imports: [Cursors, FlagBadge, Icon],
  templateUrl: './step-card.html',
  styleUrls: ['./step-card.css', './step-actions.css'],
  host: {
    role: 'group',
    '(click)': 'takeFocus($event)',
    '[class.active]': 'active()',
    '[class.above]': 'above()',
    '[class.sought]': 'sought()',
    '[attr.tabindex]': 'reachable() ? 0 : -1',
    '[attr.aria-keyshortcuts]': 'offered() ? "G P F" : null',
    '[attr.aria-label]': 'label() + ", " + place()',
    '[attr.aria-describedby]': 'descriptionId',
    '[attr.data-node-id]': 'step().id',
    '[attr.data-kind]': 'step().kind',
    '[attr.data-pruned]': 'step().pruned',
    '[attr.data-activity]': 'step().activity?.state',
    '[attr.data-flagged]': 'step().flag !== null',
  },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class StepCard {
  readonly step = input.required<PipelineStep>();
  /** Where it stands, like "3 of 5". */
  readonly place = input.required<string>();
  /** Shows its actions. */
  readonly active = input(false);
  /** The one card that the Tab key stops at; the arrow keys lead to the others. */
  readonly reachable = input(false);
  /** Was searched for, and found. */
  readonly sought = input(false);
  /** Among very many: its actions come with the pointer or the focus. */
  readonly bare = input(false);
  /** Whether the user may change steps: else there is nothing that says how. */
  readonly offered = input(true);
  /** Its actions stand above it: there is no room below. */
  readonly above = input(false);
  readonly readOnly = input(false);
  readonly readOnlyReason = input<string | null>(null);
  readonly act = output<Action>();

  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  protected readonly descriptionId = `step-${++count}`;
  protected readonly look = computed(() => lookOf(this.step()));
  protected readonly name = computed(() => legible(this.step().name));
  /** The name in sentences without markup. */
  protected readonly label = computed(() => isolated(this.step().name));
  protected readonly names = computed(() => this.step().names ?? {});
  protected readonly visitors = computed(() => this.step().cursors);
  protected readonly description = computed(() =>
    [guarded(() => describe(this.step()), ''), this.readOnly() && this.offered() ? this.readOnlyReason() : null].filter(Boolean).join(' '),
  );
  /** How far it has come, with a colon where more is said. */
  protected readonly progress = computed(() => {
    const activity = this.step().activity;
    return activity ? activityWords[activity.state] + (activity.text === null ? '' : ': ') : '';
  });
  protected readonly shown = legible;
  /** On the disabled actions. */
  protected readonly reason = computed(() => (this.readOnly() ? this.readOnlyReason() : null));

  protected who(userId: string): string {
    return called(userId, this.names());
  }

  focus(): void {
    this.element.focus();
    this.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Not every browser gives the focus to what is tapped. */
  protected takeFocus(event: Event): void {
    if (!(event.target as HTMLElement).closest('button')) this.focus();
  }
}
