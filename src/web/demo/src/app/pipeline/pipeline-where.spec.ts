import { TestBed } from '@angular/core/testing';
import { PipelineBench, three } from './pipeline-bench.testing';

describe('Pipeline', () => {
  const bench = new PipelineBench();
  const { show, card, find, point } = bench;

  describe('tells where the user is', () => {
    beforeEach(async () => {
      await show(three);
      vi.useFakeTimers();
    });

    it('once the pointer has settled, not what it crossed', () => {
      for (const id of ['PM', 'ARCHITECT']) {
        point(id, 'pointerenter');
        vi.advanceTimersByTime(30);
        point(id, 'pointerleave');
      }
      point('SRE', 'pointerenter');
      vi.advanceTimersByTime(1000);
      expect(bench.visits).toEqual(['SRE']);
      point('SRE', 'pointerleave');
      vi.advanceTimersByTime(1000);
      expect(bench.visits).toEqual(['SRE', null]);
    });

    it('by focus, too, and shows the actions there', () => {
      card('ARCHITECT').focus();
      TestBed.tick();
      vi.advanceTimersByTime(1000);
      expect(card('ARCHITECT').classList).toContain('active');
      find('graft-button', card('ARCHITECT')).focus();
      TestBed.tick();
      vi.advanceTimersByTime(1000);
      expect(bench.visits).toEqual(['ARCHITECT']);
      find('graft-button', card('ARCHITECT')).blur();
      TestBed.tick();
      vi.advanceTimersByTime(1000);
      expect(bench.visits).toEqual(['ARCHITECT', null]);
    });

    it('at the step that a tap selected, not under a finger that scrolls', () => {
      point('SRE', 'pointerenter', 'touch');
      vi.advanceTimersByTime(1000);
      expect(bench.visits).toEqual([]);
      card('SRE').click();
      TestBed.tick();
      point('SRE', 'pointerleave', 'touch');
      vi.advanceTimersByTime(1000);
      expect(bench.visits).toEqual(['SRE']);
      expect(card('SRE').classList).toContain('active');
    });

    it('at the step that a dialog asks about', () => {
      point('PM', 'pointerenter');
      find('flag-button', card('PM')).click();
      point('PM', 'pointerleave');
      vi.advanceTimersByTime(1000);
      expect(bench.visits).toEqual(['PM']);
    });
  });
});
