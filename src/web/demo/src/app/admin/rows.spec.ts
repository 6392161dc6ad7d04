import { runName } from '../shared/names';
import { columns } from './columns';
import { inOrder, matching, Sort, sorted } from './rows';
import { aConnection, run } from './readings.testing';

const other = '0198c0de-0000-7000-8000-0000000000a1';
const everything = { text: '', runId: null, health: null, ended: true } as const;
const rows = [
  aConnection('s1', { userId: 'cy', messagesSent: 9, averageLatencyMs: 80, behind: 3 }),
  aConnection('s2', { userId: 'ana', messagesSent: 100, healthStatus: 'UNHEALTHY', runId: other, runIds: [run, other] }),
  aConnection('s3', { userId: 'bo', messagesSent: 9, averageLatencyMs: 7, behind: 250, healthStatus: 'DEGRADED', runId: null, runIds: [] }),
  aConnection('s4', { userId: 'dora', messagesSent: 20, averageLatencyMs: 12, disconnectedAt: 5, runId: other, runIds: [other] }),
];
const ids = (list: readonly { sessionId: string }[]): string[] => list.map(({ sessionId }) => sessionId);

describe('sorted', () => {
  it.each<[Sort['key'], string[], string[]]>([
    ['userId', ['s2', 's3', 's1', 's4'], ['s4', 's1', 's3', 's2']],
    ['messagesSent', ['s1', 's3', 's4', 's2'], ['s2', 's4', 's1', 's3']],
    ['averageLatencyMs', ['s3', 's4', 's1', 's2'], ['s1', 's4', 's3', 's2']],
    ['behind', ['s1', 's3', 's2', 's4'], ['s3', 's1', 's2', 's4']],
    ['healthStatus', ['s1', 's4', 's3', 's2'], ['s2', 's3', 's1', 's4']],
  ])('by %s, with what has no value last and equals in the same order both ways', (key, ascending, descending) => {
    expect(ids(sorted(rows, { key, descending: false }))).toEqual(ascending);
    expect(ids(sorted(rows, { key, descending: true }))).toEqual(descending);
  });
});

describe('The column Behind', () => {
  it('says by how many events, marks many, and has a dash where the client has not said', () => {
    const behind = columns.find(({ key }) => key === 'behind');
    expect(rows.map((row) => [behind?.text(row), behind?.isBad?.(row)])).toEqual([
      ['3', false],
      ['–', false],
      ['250', true],
      ['–', false],
    ]);
  });
});

describe('matching', () => {
  it.each([
    [{}, ['s1', 's2', 's3', 's4']],
    [{ ended: false }, ['s1', 's2', 's3']],
    [{ health: 'DEGRADED' as const }, ['s3']],
    [{ runId: run }, ['s1', 's2']],
    [{ text: ' DOR' }, ['s4']],
    [{ text: other.slice(0, 8) }, ['s2', 's4']],
    [{ text: runName(other).toUpperCase() }, ['s2', 's4']],
    [{ text: 's3' }, ['s3']],
    [{ text: 'ana', health: 'HEALTHY' as const }, []],
  ])('%o', (part, expected) => expect(ids(matching(rows, { ...everything, ...part }))).toEqual(expected));
});

describe('inOrder', () => {
  it('leaves what is known in its place, with what is new behind it', () => {
    expect(ids(inOrder(rows, ['s4', 'gone', 's2']))).toEqual(['s4', 's2', 's1', 's3']);
  });
});
