import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Words } from './sentence';

/** A piece of a sentence as markup: names stand out, and others' text cannot turn what stands beside it. */
@Component({
  selector: 'collab-words',
  template: `@for (words of words(); track $index) {
    @if (words.strong && isStrong()) {
      <strong
        ><bdi>{{ words.text }}</bdi></strong
      >
    } @else if (words.others) {
      <bdi>{{ words.text }}</bdi>
    } @else {
      <span>{{ words.text }}</span>
    }
  }`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class WordsText {
  readonly words = input.required<readonly Words[]>();
  /** Whether names stand out. */
  readonly isStrong = input(false);
}
