import { ChangeDetectionStrategy, Component, effect, inject, input } from '@angular/core';
import { CollabConnectionHealth, CollaborationStore } from '@collab/angular';

@Component({
  selector: 'app-run',
  imports: [CollabConnectionHealth],
  template: `
    <collab-connection-health />
    <p>Here now: {{ store.activeUsers().join(', ') }}</p>
    <ol>
      @for (event of store.events(); track event.sequenceNumber) {
        <li>#{{ event.sequenceNumber }} {{ event.userId }}: {{ event.eventType }}</li>
      }
    </ol>
    <button type="button" [disabled]="store.canWrite() === false" (click)="graft()">Graft a scanner</button>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunView {
  readonly runId = input.required<string>();
  protected readonly store = inject(CollaborationStore);

  constructor() {
    effect(() => this.store.connect(this.runId()));
  }

  protected async graft(): Promise<void> {
    const { sequenceNumber } = await this.store.graft('ARCHITECT', 'security-scanner-v1');
    console.log(`Stored as number ${sequenceNumber}.`);
  }
}
