import { Graft, PipelineState } from '@collab/client';
import { PipelineStep } from '../pipeline/pipeline.model';
import { StepActivity } from './step-activity';

/** The steps that every run of the demo has. */
export const defaultSteps = ['PM', 'QUALIFIER', 'ARCHITECT', 'DEVELOPER', 'SRE'] as const;

interface GraftAt extends Graft {
  readonly after: string;
}

/**
 * The pipeline as a list of cards: the default steps, and after each what was grafted there. An agent's id is its name, so that it can be
 * pruned, flagged and grafted after like a step; where the name is taken, the later one is called `name@after`.
 */
export function pipelineSteps(
  state: PipelineState,
  cursors: Readonly<Record<string, string | null>>,
  self: string | null,
  names: Readonly<Record<string, string>> = {},
  activities: ReadonlyMap<string, StepActivity> = new Map(),
): readonly PipelineStep[] {
  const { grafts, ids } = graftsOf(state);
  const left = new Map(grafts.map((graft) => [graft.after, graft]));
  const pruned = new Set(state.prunedSteps);
  const visitors = cursorsByStep(cursors, self);
  const steps: PipelineStep[] = [];

  const add = (id: string, name: string, graft: GraftAt | null): void => {
    const activity = activities.get(id);
    steps.push({
      id,
      name,
      kind: graft ? 'graft' : 'step',
      pruned: pruned.has(id),
      flag: (Object.hasOwn(state.flags, id) ? state.flags[id] : null) ?? null,
      ...(graft && { graftedBy: { userId: graft.userId, sequenceNumber: graft.sequenceNumber, after: graft.after } }),
      ...(activity && { activity }),
      cursors: visitors.get(id) ?? [],
      names,
    });
    addGraft(left.get(id));
  };
  // Taken out first: agents that are grafted after each other in a circle end there.
  const addGraft = (graft: GraftAt | undefined): void => {
    if (!graft || !left.delete(graft.after)) return;
    add(ids.get(graft) ?? graft.agentName, graft.agentName, graft);
  };

  for (const step of defaultSteps) add(step, step, null);
  // What was grafted after a step that this pipeline has not got comes last; hidden, it would look lost.
  for (const graft of grafts) addGraft(left.get(graft.after));
  return steps;
}

/**
 * The same steps, with the objects of `before` for those that are as they were: of a thousand cards only those are drawn anew that have
 * changed.
 */
export function keepingUnchanged(before: readonly PipelineStep[], steps: readonly PipelineStep[]): readonly PipelineStep[] {
  const known = new Map(before.map((step) => [step.id, step]));
  return steps.map((step) => {
    const last = known.get(step.id);
    return last && isUnchanged(last, step) ? last : step;
  });
}

/** The pipeline in figures: `7 steps · 2 grafted · 1 pruned`. */
export function pipelineSummary(steps: readonly PipelineStep[]): string {
  const grafted = steps.filter((step) => step.kind === 'graft').length;
  const pruned = steps.filter((step) => step.pruned).length;
  const flagged = steps.filter((step) => step.flag !== null).length;
  const running = steps.filter(({ activity }) => activity?.state === 'running').length;
  const counts = [
    `${steps.length} steps`,
    running && `${running} running`,
    grafted && `${grafted} grafted`,
    pruned && `${pruned} pruned`,
    flagged && `${flagged} flagged`,
  ];
  return counts.filter(Boolean).join(' · ');
}

function isUnchanged(a: PipelineStep, b: PipelineStep): boolean {
  return (
    a.name === b.name &&
    a.kind === b.kind &&
    a.pruned === b.pruned &&
    a.flag === b.flag &&
    a.names === b.names &&
    a.activity?.state === b.activity?.state &&
    a.activity?.text === b.activity?.text &&
    a.graftedBy?.sequenceNumber === b.graftedBy?.sequenceNumber &&
    a.graftedBy?.after === b.graftedBy?.after &&
    a.cursors.length === b.cursors.length &&
    a.cursors.every((user, i) => user === b.cursors[i])
  );
}

interface Grafts {
  /** By when they were grafted. */
  readonly grafts: readonly GraftAt[];
  readonly ids: ReadonlyMap<GraftAt, string>;
}

// A flag or a cursor changes no graft: of a thousand they are read once.
const known = new WeakMap<PipelineState['grafts'], Grafts>();

function graftsOf(state: PipelineState): Grafts {
  const before = known.get(state.grafts);
  if (before) return before;
  const grafts = Object.entries(state.grafts)
    .map(([after, { agentName, userId, sequenceNumber }]): GraftAt => ({ after, agentName, userId, sequenceNumber }))
    .sort((a, b) => a.sequenceNumber - b.sequenceNumber);
  const found = { grafts, ids: graftIds(grafts) };
  known.set(state.grafts, found);
  return found;
}

function graftIds(grafts: readonly GraftAt[]): ReadonlyMap<GraftAt, string> {
  const taken = new Set<string>(defaultSteps);
  return new Map(
    grafts.map((graft) => {
      const id = taken.has(graft.agentName) ? `${graft.agentName}@${graft.after}` : graft.agentName;
      taken.add(id);
      return [graft, id];
    }),
  );
}

function cursorsByStep(cursors: Readonly<Record<string, string | null>>, self: string | null): ReadonlyMap<string, readonly string[]> {
  const byStep = new Map<string, string[]>();
  for (const userId of Object.keys(cursors).sort()) {
    const nodeId = cursors[userId];
    if (!nodeId || userId === self) continue;
    byStep.set(nodeId, [...(byStep.get(nodeId) ?? []), userId]);
  }
  return byStep;
}
