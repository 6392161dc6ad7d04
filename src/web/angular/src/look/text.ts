const segmenter = new Intl.Segmenter();
/** What turns the direction of text and reaches beyond its end: embeddings, overrides, isolates. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;
/** Written from right to left, or a mark for that. */
const rightToLeft = /[\u061c\u200f\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
/** Anything that leaves a trace on the screen: no blanks, controls, or letters that are drawn as nothing. */
const visible = /[^\p{White_Space}\p{C}\u115f\u1160\u2800\u3164\uffa0]/u;

/** Whether there is anything to see. */
export function isVisible(text: string): boolean {
  return visible.test(text);
}

/** Half of a character becomes the sign for one that is missing: addresses and requests cannot hold it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** The first characters as a reader counts them: nothing is cut in its middle. */
export function firstCharacters(text: string, count: number): string {
  // Never more than this many units are looked at: one "character" can be as long as somebody likes.
  return Array.from(segmenter.segment(text.slice(0, count * 32)), ({ segment }) => segment)
    .slice(0, count)
    .join('');
}

/** Others' text as the page shows it, inside a `bdi`: whole characters, nothing that turns what stands beside it, and never nothing. */
export function legible(text: unknown): string {
  // What is no text after all is shown as one: it must not keep the rest of the page from being drawn.
  const shown = wellFormed(String(text)).replace(turning, '');
  return isVisible(shown) ? shown : '(blank)';
}

/** The same for sentences without markup, such as labels: where it runs the other way it is isolated from the words beside it. */
export function isolated(text: string): string {
  const shown = legible(text);
  return rightToLeft.test(shown) ? `\u2068${shown}\u2069` : shown;
}
