import { called, isolated } from '@collab/angular';
import { PipelineStep } from './pipeline.model';

interface Look {
  /** What the step is for, in a few words. */
  readonly role: string;
  /** An SVG path, 24 × 24, drawn with a line. */
  readonly glyph: string;
}

const steps: Readonly<Partial<Record<string, Look>>> = {
  PM: { role: 'Frames the task', glyph: 'M9 4.5h6v3H9zM9 6H6.5v14h11V6H15M9.5 12h5m-5 4h3' },
  QUALIFIER: { role: 'Checks the request', glyph: 'M4 5h16l-6.2 7.4v6.1l-3.6-2v-4.1L4 5Z' },
  ARCHITECT: { role: 'Designs the solution', glyph: 'm12 4 8.5 4.3L12 12.6 3.5 8.3 12 4Zm-8.5 8.2L12 16.5l8.5-4.3M3.5 16 12 20.3 20.5 16' },
  DEVELOPER: { role: 'Writes the code', glyph: 'm8 7.5-5 4.5 5 4.5m8-9 5 4.5-5 4.5M13.5 5l-3 14' },
  SRE: { role: 'Ships and runs it', glyph: 'M3 12.5h4l2.5-7 4.5 13 2.5-6H21' },
};

/** A shoot on a stem. */
const agent: Look = { role: 'Agent', glyph: 'M12 20.5v-9m0 3.5c0-3.5 2.5-6 7-6 0 4-2.5 6-7 6Zm0-3.5c0-3.5-2.5-6-7-6 0 4 2.5 6 7 6Z' };
const unknown: Look = { role: 'Step', glyph: 'M5 5h14v14H5z' };

/** How far a step has come, in a word. */
export const activityWords = {
  running: 'Running…',
  held: 'Held for review',
  approved: 'Approved',
  done: 'Done',
  skipped: 'Skipped',
} as const;

/** How a step's card looks. */
export function lookOf(step: PipelineStep): Look {
  const known = Object.hasOwn(steps, step.id) ? steps[step.id] : undefined;
  return step.kind === 'graft' ? agent : (known ?? unknown);
}

/** Everything about a step that its card shows by other means than words, in words. */
export function describe(step: PipelineStep): string {
  const { graftedBy, flag, pruned, activity, cursors, names = {} } = step;
  const who = (userId: string): string => isolated(called(userId, names));
  const after = graftedBy?.after ? ` after ${isolated(graftedBy.after)}` : '';
  return [
    graftedBy && `Grafted by ${who(graftedBy.userId)}${after}, event ${graftedBy.sequenceNumber}.`,
    pruned && 'Pruned: it is skipped.',
    activity && !pruned && `${activityWords[activity.state]}${activity.text ? `: ${isolated(activity.text)}` : ''}.`.replace('….', '.'),
    flag && `Flagged by ${who(flag.userId)}${flag.note ? `: ${isolated(flag.note)}` : ''}.`,
    cursors.length > 0 && `Here now: ${cursors.map(who).join(', ')}.`,
  ]
    .filter(Boolean)
    .join(' ');
}
