import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Words } from './sentences';

/** Pieces of a sentence as markup, in which others' text cannot turn what stands beside it. */
@Component({
  selector: 'collab-words',
  template: `@for (words of words(); track $index) {
    @if (words.others) {
      <bdi>{{ words.text }}</bdi>
    } @else {
      <span>{{ words.text }}</span>
    }
  }`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CollabWords {
  readonly words = input.required<readonly Words[]>();
}
