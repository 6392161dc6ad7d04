import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CollabAvatar } from '@collab/angular/avatar/avatar';
import { CollabSentences } from '@collab/angular/events/sentences';
import { faces } from '@collab/angular/look/faces';
import { counted, fullTime } from '@collab/angular/look/format';
import { guarded } from '@collab/angular/look/guarded';
import { isolated } from '@collab/angular/look/text';
import { timeAgo } from '../shared/format';
import { runName } from '../shared/names';
import { titleIn } from '../shared/run-title';
import { RunTitles } from '../shared/run-titles';
import { ListedRun, RunsApi } from '../shared/runs-api';
import { activity } from './activity';

/** So many of the newest events make the little chart, in so many bars. */
const recentEvents = 100;
const bars = 24;
/** How often they are read again while the run moves, at most, in ms. */
const readEvery = 30_000;
/** So many faces fit, and a number. */
const mostFaces = 4;

/** What somebody has called it; null: nobody has. */
export function runTitle({ runId, lastEvent }: ListedRun, titles: RunTitles): string | null {
  const justSaid = lastEvent ? titleIn(lastEvent) : undefined;
  return justSaid === undefined ? titles.of(runId) : justSaid;
}

/** A run in the list: its name, what happened last, who is there, and how busy it was. */
@Component({
  selector: 'collab-run-row',
  imports: [CollabAvatar, RouterLink],
  template: `
    <a [routerLink]="['/runs', run().runId]">
      <span class="name"
        ><strong dir="auto">{{ name() }}</strong
        ><code>{{ run().runId }}</code></span
      >
      <span class="last">
        <span class="sentence">{{ last() }}</span>
        <time [attr.datetime]="updated()" [title]="updated()">{{ ended() }}{{ ago() }} · {{ eventCount() }}{{ origin() }}</time>
      </span>
      <svg viewBox="0 0 96 24" aria-hidden="true">
        <title>When its newest events happened</title>
        <path [attr.d]="chart()" />
      </svg>
      <span class="people">
        @for (user of people().shown; track user) {
          <collab-avatar [userId]="user" [label]="label(user)" />
        }
        @if (people().rest.length; as count) {
          <span class="badge">+{{ count }}</span>
        }
      </span>
    </a>
  `,
  styleUrl: './run-row.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunRow {
  readonly run = input.required<ListedRun>();
  readonly now = input.required<number>();

  private readonly api = inject(RunsApi);
  private readonly titles = inject(RunTitles);
  private readonly sentences = inject(CollabSentences);
  private readonly times = signal<readonly number[]>([]);
  private readonly lastSequence = computed(() => this.run().lastSequence);

  protected readonly name = computed(() => runTitle(this.run(), this.titles) ?? runName(this.run().runId));
  protected readonly last = computed(() => {
    const event = this.run().lastEvent;
    return event ? guarded(() => this.sentences.sentence(event), '') : 'Nothing has happened yet';
  });
  protected readonly ago = computed(() => timeAgo(this.run().updatedAt, this.now()));
  /** Before the time of the last event, which is the run's end. */
  protected readonly ended = computed(() => (this.run().ended ? 'Ended ' : ''));
  protected readonly updated = computed(() => fullTime(this.run().updatedAt));
  /** What it began as a copy of. */
  protected readonly origin = computed(() => {
    const from = this.run().branchedFrom;
    return from ? ` · A copy of ${isolated(this.titles.name(from.runId))}` : '';
  });
  protected readonly eventCount = computed(() => counted(this.run().lastSequence, 'event'));
  protected readonly people = computed(() => faces(this.run().activeUsers, mostFaces));
  protected readonly chart = computed(() => {
    const counts = activity(this.times(), bars);
    const top = Math.max(1, ...counts);
    return counts.map((count, i) => (count === 0 ? `M${i * 4} 23.5h3` : `M${i * 4} 24h3v-${Math.max(2, (count / top) * 22)}h-3z`)).join('');
  });

  constructor() {
    let readAt = -readEvery;
    effect((onCleanup) => {
      if (this.lastSequence() === 0) return;
      const wait = Math.max(0, readAt + readEvery - performance.now());
      const timer = setTimeout(() => {
        readAt = performance.now();
        this.readTimes();
      }, wait);
      onCleanup(() => clearTimeout(timer));
    });
  }

  protected label(user: string): string {
    return `${isolated(user)} is there`;
  }

  private readTimes(): void {
    // Without the chart the row still says what matters.
    this.api.recent(this.run(), recentEvents).then(
      (events) => {
        this.times.set(events.map((event) => event.timestamp));
        // Without its title it has the name made from its id.
        this.titles.learn(this.run(), events).catch(() => undefined);
      },
      () => undefined,
    );
  }
}
