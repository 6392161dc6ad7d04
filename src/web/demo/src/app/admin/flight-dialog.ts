import { DOCUMENT } from '@angular/common';
import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  ElementRef,
  inject,
  input,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { clockTime, fullTime } from '@collab/angular/look/format';
import { saveJson } from '@collab/angular/look/save-file';
import { isolated, legible } from '@collab/angular/look/text';
import { RunTitles } from '../shared/run-titles';
import { AdminApi } from './admin-api';
import { Connection, FlightEntry, FlightRecord } from './admin-contract';
import { kinds, steps } from './words';

/** What became of a client's connections, over reconnects. Opens by itself; whoever made it takes it away when it is `closed`. */
@Component({
  selector: 'collab-flight-dialog',
  templateUrl: './flight-dialog.html',
  styleUrls: ['../shared/dialog.css', './flight-dialog.css'],
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FlightDialog {
  readonly connection = input.required<Connection>();
  /** Whether there is more than one server, and each step says which one saw it. */
  readonly tellsServer = input(false);
  readonly closed = output();

  private readonly api = inject(AdminApi);
  private readonly titles = inject(RunTitles);
  private readonly document = inject(DOCUMENT);
  private readonly over = new AbortController();
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  protected readonly flight = signal<FlightRecord | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly entries = computed(() => [...(this.flight()?.entries ?? [])].reverse());
  protected readonly legible = legible;
  protected readonly clockTime = clockTime;
  protected readonly fullTime = fullTime;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.over.abort());
    afterNextRender(() => {
      this.dialog().nativeElement.showModal();
      void this.load();
    });
  }

  /** `Joined Run 550e`, `Ended: slow`. */
  protected titleOf({ step, runId, reason, kind }: FlightEntry): string {
    if (step === 'opened') return [steps.opened, kinds[kind]].filter((word) => word !== null).join(' ');
    if (runId !== null) return `${steps[step]} ${isolated(this.titles.name(runId))}`;
    return reason === null ? steps[step] : `${steps[step]}: ${reason}`;
  }

  protected download(): void {
    saveJson(this.document, `collab-flight-${this.connection().traceId ?? ''}.json`, this.flight());
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }

  private async load(): Promise<void> {
    try {
      const flight = await this.api.readFlight(this.connection().traceId ?? '', this.over.signal);
      this.flight.set(flight);
      if (flight === null) this.problem.set('The servers remember nothing of this client any more.');
    } catch {
      if (!this.over.signal.aborted) this.problem.set('The servers did not answer. Close this, and try again.');
    }
  }
}
