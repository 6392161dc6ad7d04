import { ChangeDetectionStrategy, Component, computed, signal } from '@angular/core';
import { Icon } from './icon';
import { remember } from './storage';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const icons = { system: 'system', light: 'sun', dark: 'moon' } as const;

/** Goes through system, light and dark. `theme.js` sets the remembered choice before the first paint. */
@Component({
  selector: 'collab-theme-switch',
  imports: [Icon],
  template: `
    <button
      type="button"
      class="button quiet icon"
      [attr.aria-label]="'Theme: ' + theme() + '. Switch to ' + next()"
      [title]="'Theme: ' + theme()"
      (click)="switch()"
    >
      <collab-icon [name]="icon()" />
    </button>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ThemeSwitch {
  protected readonly theme = signal<Theme>(themes.find((theme) => theme === document.documentElement.dataset['theme']) ?? 'system');
  protected readonly next = computed(() => themes[(themes.indexOf(this.theme()) + 1) % themes.length] ?? 'system');
  protected readonly icon = computed(() => icons[this.theme()]);

  protected switch(): void {
    const theme = this.next();
    this.theme.set(theme);
    remember('localStorage', 'collab.theme', theme === 'system' ? null : theme);
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }
}
