import { toolbarPlace } from './toolbar-place';

const card = (x: number, y: number) => ({ x, y, width: 140, height: 68 });

describe('The actions of a card', () => {
  it('need nothing in the middle of what is seen, wherever that is', () => {
    expect(toolbarPlace(card(1500, 1400), { x: 1000, y: 1000, width: 1080, height: 640 }, 1)).toEqual({
      left: null,
      right: null,
      above: false,
    });
  });

  it('know the edges of the window, also beyond those of the pipeline', () => {
    expect(toolbarPlace(card(12, 56), { x: -40, y: 0, width: 300, height: 640 }, 1)).toEqual({ left: 52, right: 248, above: false });
    // At 20 % a hundred pixels of the screen are five hundred of the pipeline.
    expect(toolbarPlace(card(500, 56), { x: 0, y: 0, width: 6000, height: 4000 }, 0.2).left).toBe(500);
  });

  it('stand above where there is no room below, and some above', () => {
    const seen = { x: 0, y: 0, width: 5400, height: 3200 };
    expect(toolbarPlace(card(2000, 3076), seen, 0.2).above).toBe(true);
    expect(toolbarPlace(card(2000, 2800), seen, 0.2).above).toBe(false);
    expect(toolbarPlace(card(20, 20), { x: 0, y: 0, width: 300, height: 100 }, 1).above).toBe(false);
  });
});
