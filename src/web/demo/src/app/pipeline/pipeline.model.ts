/** One card of the pipeline, in the order in which they run. */
export interface PipelineStep {
  /** What events call it (`after`, `stepId`, `nodeId`); the card's `data-node-id`. */
  readonly id: string;
  readonly name: string;
  /** `graft`: an agent that somebody inserted. */
  readonly kind: 'step' | 'graft';
  readonly pruned: boolean;
  readonly flag: { readonly note: string | null; readonly userId: string; readonly sequenceNumber: number } | null;
  /** Only where `kind` is `graft`. `after`: what it was grafted after; the card before it unless told. */
  readonly graftedBy?: { readonly userId: string; readonly sequenceNumber: number; readonly after?: string };
  /** How far it has come, where something carries the pipeline out and says so. */
  readonly activity?: { readonly state: 'running' | 'held' | 'approved' | 'done' | 'skipped'; readonly text: string | null };
  /** Ids of the users whose cursor is here, without oneself. */
  readonly cursors: readonly string[];
  /** What those users are called, by id; who is not in it is called by their id. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Insert `agentName` after the step `after`. */
export interface GraftRequest {
  readonly after: string;
  readonly agentName: string;
}

/** Skip a step, or take it back in. */
export interface PruneRequest {
  readonly stepId: string;
  readonly isPruned: boolean;
}

/** Mark a step for review. An empty note is null. */
export interface FlagRequest {
  readonly stepId: string;
  readonly note: string | null;
}
