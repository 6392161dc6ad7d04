import { CollabError, CollaborationEvent, PendingSend } from '@collab/client';
import { anEvent } from '@collab/angular/testing';
import { sameChange } from './same-change';

const refused = (eventType: string, data: PendingSend['data'], events: readonly CollaborationEvent[]): PendingSend => ({
  messageId: 'm1',
  eventType,
  data,
  createdAt: 0,
  status: 'refused',
  attempts: 1,
  basedOnSequence: 1,
  error: new CollabError('conflict', 'Event 7 …', null, null, events),
});
const prune = (sequence: number, isPruned: boolean) => anEvent(sequence, { eventType: 'PRUNE', data: { stepId: 'PM', isPruned } });
const flag = (sequence: number, note?: string) => anEvent(sequence, { eventType: 'FLAG', data: { stepId: 'PM', ...(note && { note }) } });

describe('A change that clashed', () => {
  it('is what another did already, where that is the very same', () => {
    expect(sameChange(refused('PRUNE', { stepId: 'PM', isPruned: true }, [prune(7, true)]))?.sequenceNumber).toBe(7);
    expect(sameChange(refused('GRAFT', { after: 'PM', agentName: 'agent-3' }, [anEvent(3)]))?.sequenceNumber).toBe(3);
    expect(sameChange(refused('FLAG', { stepId: 'PM', note: null }, [flag(5)]))?.sequenceNumber).toBe(5);
    // What else was done to the step takes nothing from it.
    expect(sameChange(refused('FLAG', { stepId: 'PM', note: 'x' }, [flag(5, 'x'), prune(6, true)]))?.sequenceNumber).toBe(5);
  });

  it('is to be decided where it is another, or was undone since', () => {
    expect(sameChange(refused('PRUNE', { stepId: 'PM', isPruned: true }, [prune(7, true), prune(8, false)]))).toBeNull();
    expect(sameChange(refused('FLAG', { stepId: 'PM', note: 'x' }, [flag(5, 'y')]))).toBeNull();
    expect(sameChange(refused('PRUNE', { stepId: 'PM', isPruned: true }, [flag(5, 'y')]))).toBeNull();
    expect(sameChange(refused('VOTE', { choice: 'a' }, [anEvent(5, { eventType: 'VOTE', data: { choice: 'a' } })]))).toBeNull();
    expect(sameChange({ ...refused('GRAFT', { after: 'PM', agentName: 'agent-3' }, [anEvent(3)]), status: 'queued' })).toBeNull();
  });
});
