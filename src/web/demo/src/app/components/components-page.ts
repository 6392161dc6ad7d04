import { ChangeDetectionStrategy, Component } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CollabAvatar, CollabConnectionHealth, CollabPresence, CollabScrubber, CollabTimeline } from '@collab/angular';
import { Logo } from '../shared/logo';
import { ThemeSwitch } from '../shared/theme-switch';
import { scenes } from './scenes';
import { Story } from './story';

/** The library's components in the states that they can be in. Only a server in Development has it. */
@Component({
  selector: 'collab-components-page',
  imports: [CollabAvatar, CollabConnectionHealth, CollabPresence, CollabScrubber, CollabTimeline, Logo, RouterLink, Story, ThemeSwitch],
  templateUrl: './components-page.html',
  styleUrl: './components-page.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ComponentsPage {
  protected readonly scenes = scenes;
  /** Among them one of each colour. */
  protected readonly users = ['ana', 'ben', 'cy', 'dora', 'emil', 'fay', 'gus', 'hana', 'ivo', 'jo', 'kim', 'person 11', 'person 12'];
}
