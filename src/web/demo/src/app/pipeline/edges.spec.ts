import { Edge, edges, traces } from './edges';
import { layout, Layout, Node, Shape } from './layout';

const step = (id: string, pruned = false): Shape => ({ id, kind: 'step', pruned });
const graft = (id: string, pruned = false): Shape => ({ id, kind: 'graft', pruned });
const ends = (all: readonly Edge[]): string[] => all.map(({ from, id }) => `${from || 'start'}>${id || 'end'}`);

/** The corners of an edge, before they were rounded. */
function corners({ path }: Edge): [number, number][] {
  const line = path.slice(0, path.lastIndexOf('M'));
  const [first, ...rest] = [...line.matchAll(/([MLQ])([-\d.]+) ([-\d.]+)/g)].filter(([, command]) => command !== 'L');
  const last = /L([-\d.]+) ([-\d.]+)$/.exec(line)!;
  return [...[first!, ...rest].map(([, , x, y]): [number, number] => [Number(x), Number(y)]), [Number(last[1]), Number(last[2])]];
}

function crosses([x1, y1]: [number, number], [x2, y2]: [number, number], node: Node): boolean {
  return (
    Math.max(x1, x2) > node.x + 1 &&
    Math.min(x1, x2) < node.x + node.width - 1 &&
    Math.max(y1, y2) > node.y + 1 &&
    Math.min(y1, y2) < node.y + node.height - 1
  );
}

/** Null: a line may run so. */
function faultOf(from: [number, number], to: [number, number], { nodes, width, height }: Layout): string | null {
  if (Math.abs(to[0] - from[0]) > 0.2 && Math.abs(to[1] - from[1]) > 0.2) return 'slants';
  if (Math.min(...to) < 0 || to[0] > width || to[1] > height) return 'is outside';
  const touched = nodes.find((node) => crosses(from, to, node));
  return touched ? `touches ${touched.id}` : null;
}

/** The same numbers on every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function anyPipeline(random: () => number): Shape[] {
  return Array.from({ length: 1 + Math.floor(random() * 14) }, (_, i) =>
    random() < 0.5 ? step(`${i}`, random() < 0.35) : graft(`${i}`, random() < 0.35),
  );
}

describe('edges', () => {
  it('lead through all steps and agents in their order', () => {
    expect(ends(edges(layout([step('PM'), graft('scanner'), step('SRE')], 1080)))).toEqual([
      'start>PM',
      'PM>scanner',
      'scanner>SRE',
      'SRE>end',
    ]);
  });

  it('go round what is pruned', () => {
    const all = edges(layout([step('PM'), step('QUALIFIER', true), graft('scanner', true), step('SRE')], 1080));
    expect(ends(all)).toEqual(['start>PM', 'PM>SRE', 'SRE>end']);
    expect(all.map((edge) => edge.bent)).toEqual([false, true, false]);
  });

  it('leave a trace to and from what is pruned, that one sees where it was', () => {
    const shapes = [step('PM'), step('QUALIFIER', true), graft('scanner', true), step('SRE'), step('OPS')];
    for (const width of [1080, 400, 600]) {
      const all = traces(layout(shapes, width)).map(({ id }) => id);
      expect(all).toEqual(['PM>QUALIFIER', 'QUALIFIER>scanner', 'scanner>SRE']);
    }
  });

  it('are worked out only where they are seen', () => {
    const place = layout(
      Array.from({ length: 1000 }, (_, i) => step(`${i}`, i % 7 === 3)),
      1080,
    );
    const seen = { x: 0, y: 0, width: 1080, height: 640 };
    expect(edges(place, seen).length).toBeLessThan(80);
    expect(traces(place, seen).length).toBeLessThan(40);
    expect(edges(place).length).toBeGreaterThan(800);
  });

  it('lead from the start to the end where all is pruned', () => {
    expect(ends(edges(layout([step('PM', true), step('SRE', true)], 1080)))).toEqual(['start>end']);
  });

  it('show which of them lead to or from an agent', () => {
    const all = edges(layout([step('PM'), graft('scanner'), step('SRE')], 1080));
    expect(all.map((edge) => edge.grafted)).toEqual([false, true, true, false]);
  });

  it('are straight between neighbours', () => {
    const [, between] = edges(layout([step('PM'), step('SRE')], 1080));
    expect(new Set(corners(between!).map(([, y]) => y)).size).toBe(1);
  });

  it('have the same commands whatever way they take, so that one can turn into another', () => {
    const random = dice(7);
    const commands = Array.from({ length: 200 }, () => edges(layout(anyPipeline(random), 800)))
      .flat()
      .map((edge) => edge.path.replace(/[-\d. ]/g, ''));
    expect(new Set(commands).size).toBe(1);
  });

  it.each([340, 600, 900, 1300, 2000])('touch no card, run straight and stay inside, in 500 pipelines %d px wide', (width) => {
    const random = dice(width);
    const faults: string[] = [];
    for (let i = 0; i < 500; i++) {
      const shapes = anyPipeline(random);
      const place = layout(shapes, width);
      for (const edge of edges(place)) {
        const points = corners(edge);
        points.slice(1).forEach((to, at) => {
          const fault = faultOf(points[at]!, to, place);
          if (fault) faults.push(`${edge.from}>${edge.id} ${fault}: ${JSON.stringify(shapes)}`);
        });
      }
    }
    expect(faults).toEqual([]);
  });
});
