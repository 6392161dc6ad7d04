import { layout, Node, Shape } from './layout';

const steps = (...ids: string[]): Shape[] => ids.map((id) => ({ id, kind: 'step', pruned: false }));
const graft = (id: string): Shape => ({ id, kind: 'graft', pruned: false });
const five = steps('PM', 'QUALIFIER', 'ARCHITECT', 'DEVELOPER', 'SRE');
const withAgents = (after: string, ...agents: string[]): Shape[] =>
  five.flatMap((step) => (step.id === after ? [step, ...agents.map(graft)] : [step]));
const at = (nodes: readonly Node[], id: string): Node => nodes.find((node) => node.id === id)!;

describe('layout', () => {
  it('puts the steps in a line, from left to right', () => {
    const { nodes, vertical, rows } = layout(five, 1080);
    expect(vertical).toBe(false);
    expect(rows).toHaveLength(1);
    expect(new Set(nodes.map((node) => node.y)).size).toBe(1);
    expect(nodes.every((node, i) => i === 0 || node.x > nodes[i - 1]!.x + nodes[i - 1]!.width)).toBe(true);
  });

  it('hangs an agent below its step, halfway to the next, and moves no other card for it', () => {
    const before = layout(five, 1080);
    const after = layout(withAgents('ARCHITECT', 'scanner'), 1080);
    const [architect, scanner, developer] = ['ARCHITECT', 'scanner', 'DEVELOPER'].map((id) => at(after.nodes, id));
    expect(scanner!.y).toBeGreaterThan(architect!.y + architect!.height);
    expect(scanner!.x).toBe((architect!.x + developer!.x) / 2);
    for (const { id } of five) expect(at(after.nodes, id)).toEqual(at(before.nodes, id));
    expect(after.height).toBe(before.height);
  });

  it('makes room for a chain of agents', () => {
    const { nodes } = layout(withAgents('ARCHITECT', 'one', 'two', 'three'), 1900);
    const [one, two, three, developer] = ['one', 'two', 'three', 'DEVELOPER'].map((id) => at(nodes, id));
    expect(one!.x + one!.width).toBeLessThan(two!.x);
    expect(two!.x + two!.width).toBeLessThan(three!.x);
    expect(developer!.x).toBeGreaterThan(three!.x);
  });

  it('breaks a long pipeline into rows of about the same length', () => {
    const { nodes, rows } = layout(steps('a', 'b', 'c', 'd', 'e', 'f'), 960);
    expect(rows).toHaveLength(2);
    expect(nodes.map((node) => node.row)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('stands in columns where one row is not enough, agents like steps', () => {
    const { nodes } = layout([...withAgents('ARCHITECT', 'one', 'two', 'three'), ...steps('a', 'b', 'c')], 960);
    const columns = new Set(nodes.map((node) => node.x));
    expect(columns.size).toBe(4);
    expect(new Set(nodes.map((node) => node.y)).size).toBe(3);
  });

  it('keeps the shape of a window with a thousand steps', () => {
    const { nodes, width, height } = layout(
      Array.from({ length: 1000 }, (_, i) => graft(`${i}`)),
      1080,
    );
    expect(nodes).toHaveLength(1000);
    expect(width / height).toBeGreaterThan(1.2);
    expect(width / height).toBeLessThan(2);
  });

  it('runs downwards where there is little room', () => {
    const { nodes, vertical, width } = layout(withAgents('PM', 'scanner'), 360);
    expect(vertical).toBe(true);
    expect(width).toBeLessThanOrEqual(360);
    expect(nodes.every((node, i) => i === 0 || node.y > nodes[i - 1]!.y + nodes[i - 1]!.height)).toBe(true);
    expect(at(nodes, 'scanner').x).toBeGreaterThan(at(nodes, 'PM').x);
  });

  it.each([320, 360, 559, 560, 700, 1080, 1560, 2400])('keeps %d px wide pipelines within their width, and cards apart', (width) => {
    const shapes = five.flatMap((step) => [step, graft(`${step.id} 1`), graft(`${step.id} 2`)]);
    const { nodes, ...whole } = layout(shapes, width);
    expect(whole.width).toBeLessThanOrEqual(width);
    for (const a of nodes) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width).toBeLessThanOrEqual(whole.width);
      expect(a.y + a.height).toBeLessThanOrEqual(whole.height);
      for (const b of nodes) {
        const areApart = a.x + a.width < b.x || b.x + b.width < a.x || a.y + a.height < b.y || b.y + b.height < a.y;
        expect(a === b || areApart, `${a.id} and ${b.id}`).toBe(true);
      }
    }
  });

  it('has a beginning and an end even without a step', () => {
    const { start, end } = layout([], 1080);
    expect(end.x).toBeGreaterThan(start.x);
    expect(end.y).toBe(start.y);
  });
});
