import { emptyState, PipelineState } from '@collab/client';
import { anEvent } from '@collab/angular/testing';
import { stepActivities } from './step-activity';
import { keepingUnchanged, pipelineSteps, pipelineSummary } from './pipeline-steps';

function state(part: Partial<PipelineState>): PipelineState {
  return { ...emptyState, ...part };
}

function ids(part: Partial<PipelineState>): string[] {
  return pipelineSteps(state(part), {}, null).map((step) => step.id);
}

describe('pipelineSteps', () => {
  it('are the five default steps of an empty run', () => {
    expect(ids({})).toEqual(['PM', 'QUALIFIER', 'ARCHITECT', 'DEVELOPER', 'SRE']);
  });

  it('have an agent after its step, and agents after agents', () => {
    const grafts = {
      ARCHITECT: { agentName: 'scanner', userId: 'ana', sequenceNumber: 1 },
      scanner: { agentName: 'reviewer', userId: 'bo', sequenceNumber: 2 },
    };
    expect(ids({ grafts })).toEqual(['PM', 'QUALIFIER', 'ARCHITECT', 'scanner', 'reviewer', 'DEVELOPER', 'SRE']);
    expect(pipelineSteps(state({ grafts }), {}, null)[3]).toMatchObject({
      kind: 'graft',
      name: 'scanner',
      graftedBy: { userId: 'ana', sequenceNumber: 1, after: 'ARCHITECT' },
    });
  });

  it('keep the id of an agent when its name comes a second time', () => {
    const grafts = {
      PM: { agentName: 'scanner', userId: 'bo', sequenceNumber: 2 },
      SRE: { agentName: 'scanner', userId: 'ana', sequenceNumber: 1 },
    };
    expect(ids({ grafts })).toEqual(['PM', 'scanner@PM', 'QUALIFIER', 'ARCHITECT', 'DEVELOPER', 'SRE', 'scanner']);
  });

  it('show agents that were grafted after an unknown step, or in a circle', () => {
    const grafts = {
      NOWHERE: { agentName: 'lost', userId: 'ana', sequenceNumber: 1 },
      a: { agentName: 'b', userId: 'ana', sequenceNumber: 2 },
      b: { agentName: 'a', userId: 'ana', sequenceNumber: 3 },
    };
    expect(ids({ grafts }).slice(5)).toEqual(['lost', 'b', 'a']);
    // Told apart from what was grafted after the card before it.
    expect(
      pipelineSteps(state({ grafts }), {}, null)
        .map((step) => step.graftedBy?.after)
        .slice(5),
    ).toEqual(['NOWHERE', 'a', 'b']);
  });

  it('add up to a line of figures', () => {
    expect(pipelineSummary(pipelineSteps(emptyState, {}, null))).toBe('5 steps');
    const changed = state({ grafts: { PM: { agentName: 'a', userId: 'ana', sequenceNumber: 1 } }, prunedSteps: ['PM', 'SRE'] });
    expect(pipelineSummary(pipelineSteps(changed, {}, null))).toBe('6 steps · 1 grafted · 2 pruned');
  });

  it('carry prunes, flags and the cursors of others', () => {
    const steps = pipelineSteps(
      state({ prunedSteps: ['PM'], flags: { SRE: { note: 'check', userId: 'bo', sequenceNumber: 4 } } }),
      { bo: 'PM', ana: 'PM', me: 'PM', cy: null },
      'me',
    );
    expect(steps[0]).toMatchObject({ pruned: true, cursors: ['ana', 'bo'] });
    expect(steps[4]).toMatchObject({ pruned: false, flag: { note: 'check' }, cursors: [] });
  });

  it.each(['toString', 'constructor', '__proto__'])('have an agent called %s like any other, also from a plain object', (agentName) => {
    const steps = pipelineSteps(state({ grafts: { PM: { agentName, userId: 'constructor', sequenceNumber: 1 } }, flags: {} }), {}, null);
    expect(steps[1]).toMatchObject({ id: agentName, name: agentName, kind: 'graft', pruned: false, flag: null, cursors: [] });
  });

  it('are the same objects where nothing has changed, so that their cards are not drawn anew', () => {
    const names = {};
    const before = pipelineSteps(state({ prunedSteps: ['PM'] }), { bo: 'SRE' }, null, names);
    const after = pipelineSteps(state({ prunedSteps: ['PM', 'QUALIFIER'] }), { bo: 'DEVELOPER' }, null, names);
    const kept = keepingUnchanged(before, after);
    expect(kept).toEqual(after);
    expect(kept.map((step, i) => step === before[i])).toEqual([true, false, true, false, false]);
  });

  it('show how far each has come, as far as one looks back', () => {
    const said = (sequence: number, eventType: string, data: Record<string, unknown>): ReturnType<typeof anEvent> =>
      anEvent(sequence, { eventType, data });
    const events = [
      said(1, 'STEP_STARTED', { stepId: 'PM' }),
      said(2, 'STEP_FINISHED', { stepId: 'PM', result: 'All is well.' }),
      said(3, 'STEP_HELD', { stepId: 'SRE', note: 'who pays?' }),
      said(4, 'STEP_STARTED', { stepId: 'SRE' }),
      said(5, 'STEP_FINISHED', { stepId: 7, result: {} }),
      said(6, 'constructor', { stepId: 'QUALIFIER' }),
    ];
    const at = (sequence: number): unknown[] =>
      pipelineSteps(state({}), {}, null, {}, stepActivities(events, sequence)).map(
        ({ activity }) => activity && [activity.state, activity.text],
      );
    expect(at(1)).toEqual([['running', null], undefined, undefined, undefined, undefined]);
    expect(at(3)).toEqual([['done', 'All is well.'], undefined, undefined, undefined, ['held', 'who pays?']]);
    expect(at(6)).toEqual([['done', 'All is well.'], undefined, undefined, undefined, ['running', null]]);
    const steps = pipelineSteps(state({}), {}, null, {}, stepActivities(events, 6));
    expect(pipelineSummary(steps)).toBe('5 steps · 1 running');
  });
});
