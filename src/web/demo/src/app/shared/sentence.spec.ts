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
    ['STEP_STARTED', { stepId: 'PM' }, 'ana started PM'],
    ['STEP_FINISHED', { stepId: 'PM', result: 'All is well.' }, 'ana finished PM: “All is well.”'],
    ['STEP_FINISHED', { stepId: 7 }, 'ana finished ?'],
    ['STEP_HELD', { stepId: 'PM', note: 'who pays?' }, 'ana holds PM for review: “who pays?”'],
    ['STEP_APPROVED', { stepId: 'PM' }, 'ana approved PM'],
    ['STEP_SKIPPED', { stepId: 'PM' }, 'ana skipped PM'],
    ['RUN_FINISHED', { done: 5, skipped: 1 }, 'ana finished the run: 5 done, 1 skipped'],
    ['RUN_FINISHED', {}, 'ana finished the run'],
    ['RUN_TITLE', { of: 'run', title: 'Checkout ' }, 'ana named the run: “Checkout”'],
    ['RUN_TITLE', { of: 'run', title: ' ' }, 'ana took away the title of the run'],
    ['COMMENT', { stepId: 'PM', text: 'why?' }, 'ana sent COMMENT for PM: “why?”'],
    ['COMMENT', { stepId: 7, text: 7 }, 'ana sent COMMENT'],
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
