/** Something that happened in a run. */
export interface CollaborationEvent {
  readonly runId: string;
  /** Its place in the run's order, 1, 2, 3, … without a gap; null on ephemeral events, which have none. */
  readonly sequenceNumber: number | null;
  /** `GRAFT`, `PRUNE`, `FLAG`, `USER_JOIN`, `USER_LEAVE`, `CURSOR_MOVE`, or a type that the server's configuration adds. */
  readonly eventType: string;
  /** Who caused it: the `sub` of the token. */
  readonly userId: string;
  /** What to call that user, if their token has a name that is another than the id. Others' text: show it as such. */
  readonly userName?: string;
  /** Unix milliseconds, the server's clock at commit. */
  readonly timestamp: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** True: stored, numbered, never lost. False: matters only now. */
  readonly isCritical: boolean;
  /** The id that the publisher gave it. */
  readonly messageId: string | null;
  /** What signs the event and links it to the one before, where the server signs events. */
  readonly signature?: string;
}

/** The answer to a publish. A critical event is durable once it is here. */
export interface PublishAck {
  readonly messageId: string;
  /** Its place in the run; null for an ephemeral event. */
  readonly sequenceNumber: number | null;
  /** Unix milliseconds, the server's clock at commit. */
  readonly timestamp: number;
  /** True: an event with this id was stored before, and the other fields are that event's. */
  readonly duplicate: boolean;
}
