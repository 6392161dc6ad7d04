import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { isolated } from '../look/text';
import { initials, userColour } from '../look/user';

/** How a user takes part: `here`: what happens arrives at once; `away`: it does not, by HTTP polling or not at all. */
export type Attendance = 'here' | 'away';

/**
 * A user as a disc with their initials, in their colour, which is the same on every page and machine. `--collab-avatar-size` is its
 * diameter (1.75rem). Says nothing to screen readers unless `label` is set: the name stands beside it.
 */
@Component({
  selector: 'collab-avatar',
  template: '{{ letters() }}',
  styles: `
    :host {
      display: inline-grid;
      flex: none;
      place-items: center;
      width: var(--collab-avatar-size, 1.75rem);
      height: var(--collab-avatar-size, 1.75rem);
      border-radius: 50%;
      background: var(--_colour);
      color: var(--collab-user-ink, light-dark(#ffffff, #11131a));
      font-size: calc(var(--collab-avatar-size, 1.75rem) * 0.44);
      font-weight: 650;
      line-height: 1;
      user-select: none;
      /* The disc says whose it is: also where the system chooses the colours. */
      forced-color-adjust: none;
    }
    :host(.three) {
      font-size: calc(var(--collab-avatar-size, 1.75rem) * 0.36);
    }
    /* An agent is no disc: its shape says so where colours do not. */
    :host(.agent) {
      border-radius: 24%;
    }
    :host([data-attendance]) {
      --_ring: var(--collab-good, light-dark(#0b7043, #4fcb90));
      margin: 3.5px;
      box-shadow:
        0 0 0 2px var(--collab-surface, light-dark(#ffffff, #151920)),
        0 0 0 3.5px var(--_ring);
    }
    :host([data-attendance='away']) {
      --_ring: var(--collab-border-strong, light-dark(#bcc3cd, #404957));
      /* Hollow, not faint: the letters are read all the same. */
      background: var(--collab-hover, light-dark(#f0f2f5, #1c212a));
      color: var(--_colour);
    }
    @media (forced-colors: active) {
      :host([data-attendance]) {
        outline: 2px solid CanvasText;
        outline-offset: 1px;
      }
      :host([data-attendance='away']) {
        outline-style: dotted;
      }
    }
  `,
  host: {
    '[style.--_colour]': 'colour()',
    '[class.three]': 'letters().length > 2',
    '[class.agent]': 'isAgent()',
    '[attr.data-attendance]': 'attendance()',
    '[attr.role]': 'label() ? "img" : null',
    '[attr.aria-label]': 'label()',
    '[attr.aria-hidden]': 'label() ? null : "true"',
    '[title]': 'label() ?? whole()',
  },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CollabAvatar {
  readonly userId = input.required<string>();
  /** What the user is called; null, the default: the id. */
  readonly name = input<string | null>(null);
  /** What a screen reader says of it; null, the default: nothing. */
  readonly label = input<string | null>(null);
  /** A ring for who is here, a dimmed disc for who is not; null, the default: neither, where it is about somebody who was there once. */
  readonly attendance = input<Attendance | null>(null);

  /** A square with round corners, and the word where there is no label: the user is an agent and not a person. */
  readonly isAgent = input(false);

  protected readonly colour = computed(() => userColour(this.userId()));
  protected readonly letters = computed(() => initials(this.name() ?? this.userId()));
  /** Names can be alike: the id tells who it is. */
  protected readonly whole = computed(() => {
    const [name, id] = [isolated(this.name() ?? this.userId()), isolated(this.userId())];
    const whole = name === id ? name : `${name} (${id})`;
    return this.isAgent() ? `${whole}, agent` : whole;
  });
}
