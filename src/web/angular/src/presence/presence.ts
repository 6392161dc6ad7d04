import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { Attendance, CollabAvatar } from '../avatar/avatar';
import { CollaborationStore } from '../collaboration-store';
import { faces } from '../look/faces';
import { mediaQuery } from '../look/media-query';
import { isolated } from '../look/text';
import { byName, called } from '../look/user';

/** How many faces fit beside a number: on a phone, and elsewhere. */
const mostOnPhone = 3;
const most = 4;

/**
 * Who is in the run: oneself first, then the others by name. Whoever is here has a ring; oneself is dimmed while what happens does not
 * arrive at once. Every colour is a custom property, `--collab-…`; see the README.
 */
@Component({
  selector: 'collab-presence',
  imports: [CollabAvatar],
  templateUrl: './presence.html',
  styleUrls: ['../look/colours.css', '../look/controls.css', './presence.css'],
  host: { '[class]': 'layout()', '(keydown.escape)': 'isOpen.set(false)', '(focusout)': 'closeWhenLeft($event)' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CollabPresence {
  /** `faces`: avatars in a row, and a number for whom there is no room, which opens their names. `list`: everybody with their name. */
  readonly layout = input<'faces' | 'list'>('faces');
  /** So many faces are shown beside a number; null, the default: 4, and 3 where the window is narrow. */
  readonly max = input<number | null>(null);

  private readonly store = inject(CollaborationStore);
  private readonly self = this.store.userId;
  private readonly isPhone = mediaQuery('(max-width: 640px)');

  protected readonly isOpen = signal(false);
  protected readonly users = computed(() => {
    const self = this.self();
    const names = this.store.userNames();
    const others = this.store
      .activeUsers()
      .filter((user) => user !== self)
      .sort((one, other) => byName(called(one, names), called(other, names)) || byName(one, other));
    const agents = new Set(this.store.agents());
    const users = others.length < this.store.activeUsers().length && self !== null ? [self, ...others] : others;
    return users.map((userId) => {
      const isSelf = userId === self;
      const name = called(userId, names);
      const isAgent = agents.has(userId);
      const how = isAgent ? `agent, ${this.how(isSelf)}` : this.how(isSelf);
      return { userId, name, how, isAgent, label: `${this.who(name, userId)}, ${how}`, attendance: this.attendance(isSelf) };
    });
  });
  protected readonly faces = computed(() => faces(this.users(), this.max() ?? (this.isPhone() ? mostOnPhone : most)));

  private isLive(): boolean {
    return this.store.connection().kind === 'live';
  }

  /** Of the others all that is known is that they are there. */
  private attendance(isSelf: boolean): Attendance {
    return isSelf && !this.isLive() ? 'away' : 'here';
  }

  private how(isSelf: boolean): string {
    if (!isSelf) return 'here now';
    if (this.isLive()) return 'you';
    return this.store.usingFallback() ? 'you, by HTTP polling' : 'you, not connected';
  }

  /** Names can be alike: the id tells who it is. */
  private who(called: string, userId: string): string {
    const [name, id] = [isolated(called), isolated(userId)];
    return name === id ? name : `${name} (${id})`;
  }

  protected closeWhenLeft(event: FocusEvent): void {
    const host = event.currentTarget;
    if (host instanceof Node && !(event.relatedTarget instanceof Node && host.contains(event.relatedTarget))) this.isOpen.set(false);
  }
}
