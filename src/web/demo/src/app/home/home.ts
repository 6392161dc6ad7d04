import { ChangeDetectionStrategy, Component } from '@angular/core';

@Component({
  selector: 'collab-home',
  template: '<main><h1>Runs</h1></main>',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Home {}
