import { firstCharacters, isVisible, legible } from '@collab/angular/look/text';
import { CollaborationEvent, PipelineState } from '@collab/client';

/** The type of event that gives a run a title. The server keeps the newest one in every state, by {@link subjectField}. */
export const titleType = 'RUN_TITLE';
/** The field that the newest title goes by, and what stands there: a run has one title. */
const subjectField = 'of';
const subject = 'run';
/** How long a title can be, in characters as a reader counts them. */
export const longestTitle = 80;

/** What the server is told; an empty title takes the one there is away. */
export function titleData(title: string): Readonly<Record<string, unknown>> {
  return { [subjectField]: subject, title };
}

/** Whether the server knows titles, and keeps the newest. */
export function keepsTitles({ latestBy }: PipelineState): boolean {
  return latestBy !== undefined && Object.hasOwn(latestBy, titleType) && latestBy[titleType] === subjectField;
}

/** The run's title; null where it has none. */
export function titleOf({ latest }: PipelineState): string | null {
  const titles = latest !== undefined && Object.hasOwn(latest, titleType) ? latest[titleType] : undefined;
  const newest = titles !== undefined && Object.hasOwn(titles, subject) ? titles[subject] : undefined;
  return newest === undefined ? null : readTitle(newest.data['title']);
}

/** The run's title, also where no state has come from the server that says by what titles are kept: the events have it. */
export function currentTitle(state: PipelineState, events: readonly CollaborationEvent[]): string | null {
  if (keepsTitles(state)) return titleOf(state);
  for (const event of events.toReversed()) {
    const title = titleIn(event);
    if (title !== undefined) return title;
  }
  return null;
}

/** The title that an event gives, null where it takes it away; undefined: it says nothing of a title. */
export function titleIn({ eventType, data }: Pick<CollaborationEvent, 'eventType' | 'data'>): string | null | undefined {
  return eventType === titleType && data[subjectField] === subject ? readTitle(data['title']) : undefined;
}

/** As it is shown: others' text, that others' programs may have made as long as they like. */
export function readTitle(value: unknown): string | null {
  if (typeof value !== 'string' || !isVisible(value)) return null;
  return firstCharacters(legible(value).replace(/\s+/gu, ' ').trim(), longestTitle);
}
