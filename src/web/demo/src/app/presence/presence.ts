import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { CollaborationStore } from '@collab/angular';
import { Avatar } from '../shared/avatar';
import { faces } from '../shared/faces';
import { mediaQuery } from '../shared/media-query';
import { isolated } from '../shared/text';
import { byName, called, Names } from '../shared/user';

/** How many faces fit beside a number: on a phone, and elsewhere. */
const mostOnPhone = 3;
const most = 4;

/** Who is there: oneself first, then the others by name. */
@Component({
  selector: 'collab-presence',
  imports: [Avatar],
  templateUrl: './presence.html',
  styleUrl: './presence.css',
  host: { '(keydown.escape)': 'isOpen.set(false)', '(focusout)': 'closeWhenLeft($event)' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Presence {
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
    const users = others.length < this.store.activeUsers().length && self !== null ? [self, ...others] : others;
    return users.map((userId) => ({
      userId,
      name: called(userId, names),
      label: this.describe(userId, names, userId === self),
      isDim: userId === self && !this.isLive(),
    }));
  });
  protected readonly faces = computed(() => faces(this.users(), this.isPhone() ? mostOnPhone : most));

  private isLive(): boolean {
    return this.store.connection().kind === 'live';
  }

  private describe(userId: string, names: Names, isSelf: boolean): string {
    const [name, id] = [isolated(called(userId, names)), isolated(userId)];
    // Names can be alike: the id tells who it is.
    const who = name === id ? name : `${name} (${id})`;
    if (!isSelf) return `${who}, here now`;
    if (this.isLive()) return `${who}, you`;
    return this.store.usingFallback() ? `${who}, you, by HTTP polling` : `${who}, you, not connected`;
  }

  protected closeWhenLeft(event: FocusEvent): void {
    const host = event.currentTarget;
    if (host instanceof Node && !(event.relatedTarget instanceof Node && host.contains(event.relatedTarget))) this.isOpen.set(false);
  }
}
