import { hash } from '@collab/angular/look/hash';

const adjectives = (
  'Amber Brisk Calm Clear Copper Daring Early Gentle Golden Keen Lively Lucid ' +
  'Mellow Nimble Quiet Rapid Silver Steady Sunny Swift Tidal Vivid Warm Wise'
).split(' ');
const nouns = (
  'Badger Beacon Comet Delta Falcon Fjord Glacier Harbor Heron Juniper Lantern Lynx ' +
  'Maple Meadow Nebula Orchid Otter Pioneer Raven Ridge River Sparrow Summit Willow'
).split(' ');

/** What people call a run: two words made from its id, so that everybody sees the same. */
export function runName(runId: string): string {
  const number = hash(runId.toLowerCase());
  return `${pick(adjectives, number)} ${pick(nouns, Math.floor(number / adjectives.length))}`;
}

/** A name to start with, for somebody who has none yet. */
export function suggestedUserName(random: () => number = Math.random): string {
  return `${pick(adjectives, Math.floor(random() * adjectives.length))}-${pick(nouns, Math.floor(random() * nouns.length))}`.toLowerCase();
}

function pick(words: readonly string[], index: number): string {
  return words[index % words.length] ?? '';
}
