import { DOCUMENT } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { CollaborationStore } from '../collaboration-store';
import { clockTime, fullTime } from '../look/format';
import { saveJson } from '../look/save-file';
import { stepWord } from './wording';

/** So many steps are shown; all are in the file. */
const mostShown = 10;

/** What became of the connection, newest first, and all of it as a file for whoever helps. */
@Component({
  selector: 'collab-flight',
  templateUrl: './flight.html',
  styleUrl: './flight.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Flight {
  private readonly store = inject(CollaborationStore);
  private readonly document = inject(DOCUMENT);

  protected readonly isOpen = signal(false);
  protected readonly entries = computed(() => this.store.flight().entries.slice(-mostShown).reverse());
  protected readonly traceId = computed(() => this.store.flight().traceId);
  protected readonly stepWord = stepWord;
  protected readonly clockTime = clockTime;
  protected readonly fullTime = fullTime;

  protected download(): void {
    const flight = this.store.flight();
    saveJson(this.document, `collab-connection-${flight.traceId}.json`, flight);
  }
}
