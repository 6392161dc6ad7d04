import { drawnBox, farthest, nearest, zoomFor, zoomStep } from './viewport';

const room = { width: 1000, height: 600 };

describe('The window on the pipeline', () => {
  it.each([
    ['fits: as it is', 'auto', { width: 900, height: 500 }, 1],
    ['nearly fits: a little smaller', 'auto', { width: 1250, height: 500 }, 0.8],
    ['is far too large: as small as it is easy to read', 'auto', { width: 6000, height: 4000 }, 0.75],
    ['is far too large, and all of it is wanted', 'all', { width: 6000, height: 4000 }, 0.15],
    ['is small, and all of it is wanted: no larger than it is', 'all', { width: 100, height: 100 }, 1],
    ['has a zoom of its own', 1.5, { width: 6000, height: 4000 }, 1.5],
    ['has no bound', 1000, { width: 1, height: 1 }, nearest],
    ['has none below either', 0, { width: 1, height: 1 }, farthest],
  ] as const)('shows what %s', (_, wish, content, zoom) => {
    expect(zoomFor(wish, content, room)).toBeCloseTo(zoom);
  });

  it('zooms in steps that come by 100 % from both sides', () => {
    let zoom = 0.2;
    const way: number[] = [];
    while (zoom < nearest) way.push((zoom = zoomStep(zoom, 1)));
    expect(way).toContain(1);
    while (zoom > farthest) way.push((zoom = zoomStep(zoom, -1)));
    expect(way.filter((each) => each === 1)).toHaveLength(2);
    expect(way.length).toBeLessThan(40);
  });

  it('draws what is seen and somewhat more, and the same while it moves a little', () => {
    const at = (x: number, y: number): ReturnType<typeof drawnBox> => drawnBox({ x, y, ...room }, 256);
    const box = at(500, 500);
    expect(box.x).toBeLessThan(500);
    expect(box.x + box.width).toBeGreaterThan(1500);
    expect(box.y + box.height).toBeGreaterThan(1100);
    expect(at(510, 505)).toEqual(box);
    expect(at(1500, 505)).not.toEqual(box);
  });
});
