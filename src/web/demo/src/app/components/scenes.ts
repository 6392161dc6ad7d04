import { CollabError } from '@collab/client';
import { anEvent, events } from '@collab/angular/testing';
import { aSend, Scene } from './story-store';

const at = Date.UTC(2026, 10, 30, 14, 3, 22);
const minute = 60_000;
const longName = 'Dr. Maximiliane-Alexandra von und zu Hohenstein-Wittelsbach the Younger';

/** What happened in most of the scenes. */
const usual = [
  anEvent(1, { userId: 'ana', timestamp: at - 3 * minute, data: { after: 'ARCHITECT', agentName: 'security-scanner-v1' } }),
  anEvent(2, { userId: 'ben', timestamp: at - 3 * minute + 9000, eventType: 'PRUNE', data: { stepId: 'DEVELOPER', isPruned: true } }),
  anEvent(3, { userId: 'cy', timestamp: at - minute, eventType: 'FLAG', data: { stepId: 'SRE', note: 'Who is on call?' } }),
  anEvent(4, { userId: 'ben', timestamp: at - minute + 4000, eventType: 'PRUNE', data: { stepId: 'DEVELOPER', isPruned: false } }),
  anEvent(5, { userId: 'ana', timestamp: at, data: { after: 'SRE', agentName: 'cost-watch-v2' } }),
];
const polling: Scene['connection'] = { kind: 'polling', probing: false, reachable: true };
const offline: Scene['connection'] = { kind: 'reconnecting', attempt: 3, retryAt: null };
const crowd = Array.from({ length: 23 }, (_, i) => `person ${i + 1}`);

const connected: Scene = { title: 'Connected', note: 'What happens arrives at once.', people: ['ana', 'ben', 'cy'], events: usual };
const onPolling: Scene = {
  ...connected,
  title: 'Polling',
  note: 'The live connection is blocked: oneself is dimmed.',
  connection: polling,
};
const withQueued: Scene = {
  ...connected,
  title: 'Offline, with queued',
  note: 'What one does waits, and goes out later.',
  connection: offline,
  pending: [aSend('v1', 'queued'), aSend('v2', 'queued')],
};
const refused: Scene = {
  ...connected,
  title: 'Refused',
  note: 'It stays until it is sent once more, or discarded.',
  pending: [aSend('v1', 'refused', new CollabError('forbidden', 'No right to write.')), aSend('v2', 'sending')],
};
const conflict: Scene = {
  ...connected,
  title: 'Changed by two',
  note: 'Another has changed the same step meanwhile: to be applied anyway, edited or dropped.',
  pending: [
    aSend(
      'v1',
      'refused',
      new CollabError('conflict', '', null, null, [anEvent(5, { userId: 'ben', data: { after: 'PM', agentName: 'test-writer-v2' } })]),
    ),
  ],
};
const many: Scene = {
  ...connected,
  title: 'Many people',
  note: 'Those for whom there is no room are behind a number.',
  people: ['ana', ...crowd],
};
const withAgents: Scene = {
  ...connected,
  title: 'Agents, and who has seen what',
  note: 'An agent is a square with the word; newer events say who has seen them.',
  people: ['ana', 'ben', 'cy', 'scanner'],
  agents: ['scanner'],
  seen: { ana: 5, ben: 4, cy: 3, scanner: 5 },
  events: [...usual.slice(0, 4), anEvent(5, { userId: 'scanner', timestamp: at, data: { after: 'SRE', agentName: 'cost-watch-v2' } })],
};
const named: Scene = {
  title: 'Long and right-to-left names',
  note: 'Names are others’ text: shown whole, and isolated.',
  people: ['ana', 'u-1', 'u-2', 'u-3'],
  names: { ana: longName, 'u-1': 'عمر الفاروق', 'u-2': 'נועה כהן', 'u-3': 'Ben\u202e' },
  events: [
    anEvent(1, { userId: 'u-1', timestamp: at - minute, data: { after: 'PM', agentName: 'מאבטח-1' } }),
    anEvent(2, { userId: 'ana', timestamp: at - 8000, eventType: 'FLAG', data: { stepId: 'SRE', note: 'من المسؤول؟ '.repeat(24) } }),
    anEvent(3, { userId: 'u-2', timestamp: at, eventType: 'PRUNE', data: { stepId: `agent-${'x'.repeat(60)}`, isPruned: true } }),
  ],
};
const past: Scene = { ...connected, title: 'The past', note: 'What came later is pale; newer events are counted.', at: 3, missed: 2 };
const empty: Scene = { title: 'Nothing yet', note: 'A run without events.' };
const connecting: Scene = {
  title: 'Connecting',
  note: 'Nothing is known yet.',
  connection: { kind: 'connecting' },
  people: [],
  isUnknown: true,
};
const ended: Scene = { ...connected, title: 'Ended', note: 'Nothing more will come.', ended: true };
const crowded: Scene = { ...connected, title: 'A thousand events', note: 'The strokes are thin.', events: events(1, 1000) };

/** The scenes that each kind of component is shown in. */
export const scenes = {
  presence: [connected, onPolling, { ...withQueued, title: 'Offline', note: 'Oneself is dimmed.' }, many, withAgents, named],
  list: [connected, onPolling, withAgents, named],
  health: [
    connecting,
    connected,
    onPolling,
    withQueued,
    {
      ...withQueued,
      title: 'Ended by the server',
      note: 'It says why.',
      pending: [],
      reason: { code: 'shutdown', message: '', at },
    },
    ended,
  ],
  timeline: [connected, withAgents, withQueued, refused, conflict, past, named, empty],
  scrubber: [connected, onPolling, withQueued, past, crowded, empty],
} as const satisfies Readonly<Record<string, readonly Scene[]>>;
