import { TestBed } from '@angular/core/testing';
import { anEvent } from '../testing/events';
import { CollabSentences, provideEventTellings, quoted } from './sentences';

function sentences(): CollabSentences {
  return TestBed.inject(CollabSentences);
}

describe('CollabSentences', () => {
  it.each([
    ['GRAFT', { after: 'ARCHITECT', agentName: 'security-scanner-v1' }, 'ana grafted security-scanner-v1 after ARCHITECT'],
    ['PRUNE', { stepId: 'DEVELOPER', isPruned: true }, 'ana pruned DEVELOPER'],
    ['PRUNE', { stepId: 'DEVELOPER', isPruned: false }, 'ana restored DEVELOPER'],
    ['FLAG', { stepId: 'SRE', note: 'who is on call?' }, 'ana flagged SRE: “who is on call?”'],
    ['FLAG', { stepId: 'SRE', note: null }, 'ana flagged SRE'],
    ['USER_JOIN', { activeUserCount: 2 }, 'ana joined'],
    ['USER_LEAVE', {}, 'ana left'],
    ['DEPLOY', { to: 'staging' }, 'ana sent DEPLOY'],
    ['COMMENT', { stepId: 'PM', text: 'why?' }, 'ana sent COMMENT for PM: “why?”'],
    ['COMMENT', { stepId: 7, text: 7 }, 'ana sent COMMENT'],
    ['GRAFT', { after: 3 }, 'ana grafted ? after ?'],
    ['constructor', {}, 'ana sent constructor'],
    ['toString', {}, 'ana sent toString'],
    ['PRUNE', { stepId: '\u202eOK\u2069', isPruned: true }, 'ana pruned OK'],
    ['FLAG', { stepId: 'שלב', note: 'ok' }, 'ana flagged \u2068שלב\u2069: “ok”'],
  ])('of %s %o', (eventType, data, expected) => {
    expect(sentences().sentence({ eventType, data, userId: 'ana' })).toBe(expected);
  });

  it('calls people what they are called', () => {
    const event = { eventType: 'USER_JOIN', data: {}, userId: 'u-1' };
    expect(sentences().sentence(event, 'Ana')).toBe('Ana joined');
    expect(sentences().sentence({ ...event, userName: 'Ana López' })).toBe('Ana López joined');
  });

  it('tells types of the application as that says, and filters by them where there are some', () => {
    TestBed.configureTestingModule({
      providers: [
        provideEventTellings({
          COMMENT: { kind: 'comment', filter: 'Comments', words: ({ text }) => [{ text: 'says' }, ...quoted(text)] },
          BROKEN: {
            kind: 'broken',
            words: () => {
              throw new Error('It cannot be told.');
            },
          },
        }),
      ],
    });
    const comment = anEvent(1, { eventType: 'COMMENT', data: { text: 'why?' } });
    expect(sentences().sentence(comment)).toBe('ana says: “why?”');
    expect([sentences().kindOf('COMMENT'), sentences().kindOf('constructor')]).toEqual(['comment', 'other']);
    const titles = (events: Parameters<CollabSentences['filters']>[0]): string[] =>
      sentences()
        .filters(events)
        .map((each) => each.title);
    expect(titles([])).toEqual(['Grafts', 'Prunes', 'Flags']);
    expect(titles([comment])).toEqual(['Grafts', 'Prunes', 'Flags', 'Comments']);
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(sentences().sentence(anEvent(2, { eventType: 'BROKEN' }))).toBe('ana ');
    expect(error).toHaveBeenCalledOnce();
  });
});
