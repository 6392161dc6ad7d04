import { describe, expect, test } from 'vitest';
import { scenarios } from './scenario.js';
import { World } from './world.js';

const all = scenarios();

describe('Conformance', () => {
  test('there are scenarios, each with a name of its own', () => {
    expect(all.length).toBeGreaterThan(30);
    expect(new Set(all.map(([, scenario]) => scenario.name)).size).toBe(all.length);
  });

  for (const [file, scenario] of all) test(`${file.replace('.json', '')}: ${scenario.name}`, () => new World(scenario).run());
});
