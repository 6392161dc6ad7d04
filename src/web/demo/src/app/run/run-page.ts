import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  Injector,
  input,
  linkedSignal,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { Title } from '@angular/platform-browser';
import { CollaborationStore, CollabScrubber, CollabTimeline, CollabTimeTravel, counted, isolated, refusalWords } from '@collab/angular';
import { KeepsFocus } from '@collab/angular/look/keep-focus';
import { CollaborationEvent } from '@collab/client';
import { ConnectionBar } from '../connection/connection-bar';
import { Access } from '../identity/access';
import { Identity } from '../identity/identity';
import { Welcome } from '../identity/welcome';
import { NotFound } from '../not-found/not-found';
import { NoticeList } from '../notices/notice-list';
import { Notices } from '../notices/notices';
import { Pipeline } from '../pipeline/pipeline';
import { FlagRequest, GraftRequest, PipelineStep, PruneRequest } from '../pipeline/pipeline.model';
import { addressParam } from '../shared/address-param';
import { CopyLink } from '../shared/copy-link';
import { Icon } from '../shared/icon';
import { runName } from '../shared/names';
import { currentTitle } from '../shared/run-title';
import { RunTitles } from '../shared/run-titles';
import { BranchButton } from '../time-travel/branch-button';
import { Undo } from '../undo/undo';
import { UndoBar } from '../undo/undo-bar';
import { keepingUnchanged, pipelineSteps, pipelineSummary } from './pipeline-steps';
import { EndedBar } from './ended-bar';
import { wasNotSent } from './not-sent';
import { RunHeader } from './run-header';
import { sameChange } from './same-change';
import { stepActivities } from './step-activity';

declare global {
  interface Window {
    /** The page's store, for tests and for a look from the console. Only where the server is in development. */
    collaborationStore?: CollaborationStore;
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A run: its pipeline, who is there, what happened, and how it came about. */
@Component({
  selector: 'collab-run-page',
  imports: [
    BranchButton,
    CollabScrubber,
    CollabTimeline,
    ConnectionBar,
    CopyLink,
    EndedBar,
    Icon,
    KeepsFocus,
    NotFound,
    NoticeList,
    Pipeline,
    RunHeader,
    UndoBar,
    Welcome,
  ],
  providers: [Notices, CollabTimeTravel, Undo],
  templateUrl: './run-page.html',
  styleUrl: './run-page.css',
  host: { '(keydown.escape)': 'closeSheet()' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunPage {
  readonly runId = input.required<string>();

  private readonly notices = inject(Notices);
  private readonly undo = inject(Undo);
  private readonly access = inject(Access);
  private readonly identity = inject(Identity);
  protected readonly store = inject(CollaborationStore);
  protected readonly travel = inject(CollabTimeTravel);
  private readonly injector = inject(Injector);
  private readonly closeButton = viewChild<ElementRef<HTMLButtonElement>>('closeButton');
  private readonly sheetButton = viewChild<ElementRef<HTMLButtonElement>>('sheetButton');

  protected readonly isRun = computed(() => uuid.test(this.runId()));
  protected readonly isSheetOpen = signal(false);
  /** Nobody is asked for a name where a token has it. */
  protected readonly isKnown = computed(
    () => this.identity.userName() !== null || this.access.hasPastedToken() || this.access.isTokenNeeded(),
  );
  protected readonly needsWelcome = computed(() => this.access.isNameNeeded() || this.access.isAsking());
  /** Whether it is known how the run stands: before that nothing of it can be shown, nor changed. */
  protected readonly isLoaded = computed(() => this.store.epoch() !== null);
  /** Why there is nothing to see of the run; null while that is not known. */
  protected readonly unread = computed(() => {
    const connection = this.store.connection();
    if (connection.kind !== 'closed') return connection.kind === 'idle' ? null : 'The run is on its way…';
    return connection.error?.code === 'forbidden' ? 'A run is shown to those who may read it.' : 'The run could not be read.';
  });
  protected readonly kind = addressParam('events');
  protected readonly person = addressParam('by');
  private readonly activities = computed(() => stepActivities(this.travel.events(), this.travel.sequence()));
  private readonly shown = computed(() =>
    pipelineSteps(
      this.travel.state(),
      this.travel.isPast() ? {} : this.store.cursorPositions(),
      this.store.userId(),
      this.store.userNames(),
      this.activities(),
    ),
  );
  protected readonly steps = linkedSignal<readonly PipelineStep[], readonly PipelineStep[]>({
    source: this.shown,
    computation: (steps, before) => keepingUnchanged(before?.value ?? [], steps),
  });
  private readonly title = computed(() => currentTitle(this.store.state(), this.store.events()));
  protected readonly summary = computed(() => pipelineSummary(this.steps()));
  protected readonly isEmpty = computed(
    () => this.store.epoch() !== null && this.store.lastSequence() === 0 && this.store.pending().length === 0,
  );
  /** Whether there is no connection, and none is tried. */
  protected readonly isOut = computed(() => ['idle', 'closed'].includes(this.store.connection().kind));
  protected readonly refused = computed(
    () => this.store.pending().filter((send) => send.status === 'refused' && sameChange(send) === null).length,
  );
  /** What the server said last, and what the token says until then. */
  protected readonly canWrite = computed(() => this.store.canWrite() ?? this.access.mayWrite(this.runId()));
  /** Whether the user may change the run, for all that is known. */
  protected readonly mayChange = computed(() => this.canWrite() !== false);
  protected readonly readOnlyReason = computed(() => {
    if (this.store.ended()) return 'This run has ended. It can be looked at, and takes no more changes.';
    if (this.travel.isPast()) return 'You are looking at the past. Go back to live to change the pipeline.';
    // Nothing would wait to be sent, as it does while the connection is only interrupted.
    if (this.isOut()) return 'You are not connected to this run.';
    return this.canWrite() === false ? 'You have no right to change this run.' : null;
  });

  private readonly settled = new Set<string>();
  protected readonly counted = counted;

  constructor() {
    const title = inject(Title);
    effect(() => {
      if (this.access.isDevelopment()) window.collaborationStore = this.store;
    });
    const titles = inject(RunTitles);
    effect(() => title.setTitle(`${this.isRun() ? isolated(this.title() ?? runName(this.runId())) : 'Not found'} · Collab`));
    // The list of runs shows it without asking.
    effect(() => {
      if (this.store.epoch() !== null) titles.know(this.store.runId(), this.title(), this.store.lastSequence());
    });
    effect(() => {
      if (this.identity.userName() === null) untracked(() => void this.access.look());
    });
    // Both did the very same: it is done.
    effect(() => {
      for (const send of this.store.pending()) {
        const same = sameChange(send);
        if (same !== null) untracked(() => this.settle(send.messageId, same));
      }
    });
    effect((onCleanup) => {
      const runId = this.runId();
      if (!this.isRun() || !this.isKnown()) return;
      untracked(() => this.store.connect(runId));
      onCleanup(() => this.store.disconnect());
    });
    // What waited for the token, or gave up waiting, can go on.
    effect(() => {
      if (this.access.hasPastedToken()) untracked(() => this.store.retryNow());
    });
    // Another run, or the same begun anew: its past is another one.
    effect(() => {
      this.store.epoch();
      this.runId();
      untracked(() => {
        this.travel.backToLive();
        this.undo.forget();
      });
    });
  }

  protected toggleSheet(): void {
    if (this.isSheetOpen()) return this.closeSheet();
    this.isSheetOpen.set(true);
    // Hidden, it takes no focus.
    afterNextRender(() => this.closeButton()?.nativeElement.focus(), { injector: this.injector });
  }

  protected closeSheet(): void {
    if (!this.isSheetOpen()) return;
    this.isSheetOpen.set(false);
    this.sheetButton()?.nativeElement.focus();
  }

  // What the page shows at this moment is what the person has seen: who has changed the same step since is not overwritten unawares.
  protected graft({ after, agentName }: GraftRequest): void {
    const before = this.store.state();
    this.send(this.store.graft(after, agentName, this.store.lastSequence()));
    this.undo.grafted(after, agentName, before);
  }

  protected prune({ stepId, isPruned }: PruneRequest): void {
    this.send(this.store.prune(stepId, isPruned, this.store.lastSequence()));
    this.undo.pruned(stepId, isPruned);
  }

  protected flag({ stepId, note }: FlagRequest): void {
    const before = this.store.state();
    this.send(this.store.flag(stepId, note, this.store.lastSequence()));
    this.undo.flagged(stepId, before);
  }

  private settle(messageId: string, same: CollaborationEvent): void {
    // It stands in the list until the next frame, and is told once.
    if (this.settled.has(messageId)) return;
    this.settled.add(messageId);
    this.store.discard(messageId);
    this.notices.same(same);
  }

  /** What the server refuses stands in the timeline. What was not even taken to be sent has no other place than a notice. */
  protected send(sending: Promise<unknown>): void {
    sending.catch((error: unknown) => {
      // There is nothing to take back.
      this.undo.forget();
      if (wasNotSent(error)) this.notices.problem(`Not sent: ${refusalWords(error)}.`);
    });
  }
}
