import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { isolated } from './text';
import { initials, userColour } from './user';

/** A user as a disc in their colour. Says nothing to screen readers unless `label` is set. */
@Component({
  selector: 'collab-avatar',
  template: '{{ letters() }}',
  styles: `
    :host {
      display: inline-grid;
      flex: none;
      place-items: center;
      width: var(--avatar-size, 1.75rem);
      height: var(--avatar-size, 1.75rem);
      border-radius: 50%;
      background: var(--avatar-colour);
      color: var(--user-ink);
      font-size: calc(var(--avatar-size, 1.75rem) * 0.44);
      font-weight: 650;
      line-height: 1;
      user-select: none;
      /* The disc says whose it is: also where the system chooses the colours. */
      forced-color-adjust: none;
    }
    :host(.three) {
      font-size: calc(var(--avatar-size, 1.75rem) * 0.36);
    }
  `,
  host: {
    '[style.--avatar-colour]': 'colour()',
    '[class.three]': 'letters().length > 2',
    '[attr.role]': 'label() ? "img" : null',
    '[attr.aria-label]': 'label()',
    '[attr.aria-hidden]': 'label() ? null : "true"',
    '[title]': 'label() ?? whole()',
  },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Avatar {
  readonly userId = input.required<string>();
  /** What the user is called; the id unless told. */
  readonly name = input<string | null>(null);
  readonly label = input<string | null>(null);

  protected readonly colour = computed(() => userColour(this.userId()));
  protected readonly letters = computed(() => initials(this.name() ?? this.userId()));
  /** Names can be alike: the id tells who it is. */
  protected readonly whole = computed(() => {
    const [name, id] = [isolated(this.name() ?? this.userId()), isolated(this.userId())];
    return name === id ? name : `${name} (${id})`;
  });
}
