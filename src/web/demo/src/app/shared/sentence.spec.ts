import { sentence } from './sentence';

describe('sentence', () => {
  it.each([
    ['GRAFT', { after: 'ARCHITECT', agentName: 'security-scanner-v1' }, 'ana grafted security-scanner-v1 after ARCHITECT'],
    ['PRUNE', { stepId: 'DEVELOPER', isPruned: true }, 'ana pruned DEVELOPER'],
    ['PRUNE', { stepId: 'DEVELOPER', isPruned: false }, 'ana restored DEVELOPER'],
    ['FLAG', { stepId: 'SRE', note: 'who is on call?' }, 'ana flagged SRE: “who is on call?”'],
    ['FLAG', { stepId: 'SRE', note: null }, 'ana flagged SRE'],
    ['USER_JOIN', { activeUserCount: 2 }, 'ana joined'],
    ['USER_LEAVE', {}, 'ana left'],
    ['DEPLOY', { to: 'staging' }, 'ana sent DEPLOY'],
    ['STEP_FINISHED', { stepId: 'PM' }, 'ana sent STEP_FINISHED for PM'],
    ['STEP_FINISHED', { stepId: 7 }, 'ana sent STEP_FINISHED'],
    ['GRAFT', { after: 3 }, 'ana grafted ? after ?'],
    ['constructor', {}, 'ana sent constructor'],
    ['toString', {}, 'ana sent toString'],
    ['PRUNE', { stepId: '\u202eOK\u2069', isPruned: true }, 'ana pruned OK'],
    ['FLAG', { stepId: 'שלב', note: 'ok' }, 'ana flagged \u2068שלב\u2069: “ok”'],
  ])('of %s %o', (eventType, data, expected) => {
    expect(sentence({ eventType, data, userId: 'ana' })).toBe(expected);
  });

  it('calls people what they are called', () => {
    const event = { eventType: 'USER_JOIN', data: {}, userId: 'u-1' };
    expect(sentence(event, 'Ana')).toBe('Ana joined');
    expect(sentence({ ...event, userName: 'Ana López' })).toBe('Ana López joined');
  });
});
