import { called, isolated, Names, userColour } from '@collab/angular';
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** So many names fit above a card. */
const names = 2;

/** Other users' cursors on a card: a ring in their colours, and their names. Said in words by the card's description. */
@Component({
  selector: 'collab-cursors',
  template: `
    <span class="ring" [style.--ring]="ring()"></span>
    <span class="tags" [title]="all()">
      @for (user of named(); track user) {
        <span class="tag" data-testid="step-cursor" [attr.data-user-id]="user" [style.--user]="colour(user)"
          ><bdi>{{ who(user) }}</bdi></span
        >
      }
      @if (more(); as count) {
        <span class="tag more" data-testid="more-cursors">+{{ count }}</span>
      }
    </span>
  `,
  styleUrl: './cursors.css',
  host: { 'aria-hidden': 'true' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Cursors {
  readonly users = input.required<readonly string[]>();
  /** What users are called. */
  readonly names = input<Names>({});

  protected readonly named = computed(() => this.users().slice(0, names));
  protected readonly more = computed(() => Math.max(0, this.users().length - names));
  /** Each user has an equal part of the ring. */
  protected readonly ring = computed(() => {
    const part = 100 / this.users().length;
    const parts = this.users().map((user, i) => `${userColour(user)} ${i * part}% ${(i + 1) * part}%`);
    return `conic-gradient(from -60deg, ${parts.join(', ')})`;
  });
  protected readonly colour = userColour;
  protected readonly all = computed(() =>
    this.users()
      .map((user) => isolated(this.who(user)))
      .join(', '),
  );

  protected who(user: string): string {
    return called(user, this.names());
  }
}
