import { describe, expect, test } from 'vitest';
import { CollabClient, CollabError, NoAnswer } from '../src/index.js';
import { withSeams, type Fetch } from '../src/testing.js';
import { events, runId } from './conformance/shorthand.js';
import { FakeClock, settle } from './kit/fake-clock.js';

function client(fetch: Fetch, token: (refused: string | null) => string = () => 'secret') {
  const clock = new FakeClock();
  return { clock, client: new CollabClient(withSeams({ url: 'https://collab.test/base/', token }, { clock, fetch })) };
}

/** Answers what is asked, in turn, and keeps what was. */
function server(...answers: readonly [status: number, body: unknown][]) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const fetch: Fetch = (url, init) => {
    bodies.push(typeof init.body === 'string' ? JSON.parse(init.body) : null);
    asked.push(`${new Headers(init.headers).get('Authorization') ?? ''} ${url}`);
    const [status, body] = answers[asked.length - 1] ?? [500, null];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  };
  return { asked, bodies, fetch };
}

describe('A read without following a run', () => {
  test('asks for kept events page by page', async () => {
    const body = { runId, epoch: 'e', events: events(['3-4']), totalEvents: 9, lastSequence: 9, oldestSequence: 1, hasMore: true };
    const { asked, fetch } = server([200, body]);
    const page = await client(fetch).client.replay(runId, { after: 2, limit: 2 });
    expect(asked).toEqual([`Bearer secret https://collab.test/base/api/runs/${runId}/collaboration/replay?afterSequence=2&limit=2`]);
    expect(page).toMatchObject({ epoch: 'e', totalEvents: 9, lastSequence: 9, oldestSequence: 1, hasMore: true });
    expect(page.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([3, 4]);
  });

  test('asks for the state now, and as of an event', async () => {
    const state = { asOfSequence: 7, grafts: {}, prunedSteps: ['SRE'], flags: {} };
    const { asked, fetch } = server([200, state], [200, { ...state, asOfSequence: 5 }]);
    const { client: reader } = client(fetch);
    expect(await reader.state(runId)).toMatchObject({ asOfSequence: 7, prunedSteps: ['SRE'] });
    expect(await reader.state(runId, { asOf: 5 })).toMatchObject({ asOfSequence: 5 });
    expect(asked.map((url) => url.slice(url.indexOf('/state')))).toEqual(['/state', '/state?asOfSequence=5']);
  });

  test('lists runs, and the next page by its cursor', async () => {
    const run = { runId, epoch: 'e', lastSequence: 2, createdAt: 1, updatedAt: 2, lastEvent: null, activeUsers: ['ana', 7] };
    const copy = { ...run, branchedFrom: { runId: 'other', sequence: 1 } };
    const { asked, fetch } = server([200, { runs: [run, copy], nextCursor: 'a+b' }], [200, { runs: [], nextCursor: null }]);
    const { client: reader } = client(fetch);
    const { runs, nextCursor } = await reader.runs();
    expect(runs).toEqual([
      { ...run, ended: false, activeUsers: ['ana'] },
      { ...run, ended: false, activeUsers: ['ana'], branchedFrom: { runId: 'other', sequence: 1 } },
    ]);
    expect(await reader.runs({ cursor: nextCursor, limit: 5, ended: true })).toEqual({ runs: [], nextCursor: null });
    expect(asked.map((url) => url.split('?')[1])).toEqual(['limit=20', 'limit=5&ended=true&cursor=a%2Bb']);
  });

  test('begins a run as a copy of another, and names it so that a repeat finds it', async () => {
    const made = { runId: 'new', epoch: 'e', branchedFrom: { runId, sequence: 7 } };
    const { asked, bodies, fetch } = server([201, made], [409, { code: 'conflict', detail: 'No.' }], [200, { runId: 'new' }]);
    const { client: reader } = client(fetch);
    expect(await reader.branch(runId, 7)).toEqual(made);
    await expect(reader.branch(runId, 7, { as: 'mine' })).rejects.toMatchObject({ code: 'conflict', retryable: false });
    await expect(reader.branch(runId, 7, { as: 'mine' })).rejects.toBeInstanceOf(NoAnswer);
    expect(asked[0]).toBe('Bearer secret https://collab.test/base/api/runs');
    expect(bodies[0]).toMatchObject({ from: runId, atSequence: 7, runId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown });
    expect(bodies[1]).toEqual({ from: runId, atSequence: 7, runId: 'mine' });
  });

  test('says which token was refused, and tries another one once', async () => {
    const refusals: (string | null)[] = [];
    const token = (refused: string | null) => {
      refusals.push(refused);
      return `token-${String(refusals.length)}`;
    };
    const { asked, fetch } = server([401, { code: 'unauthorized' }], [200, { runs: [], nextCursor: null }]);
    await client(fetch, token).client.runs();
    expect(refusals).toEqual([null, 'token-1']);
    expect(asked.map((url) => url.split(' ')[1])).toEqual(['token-1', 'token-2']);
  });

  test('rejects with the code of the refusal, also of the second token', async () => {
    const { fetch } = server([401, { code: 'unauthorized' }], [401, { code: 'unauthorized' }]);
    await expect(client(fetch).client.runs()).rejects.toMatchObject({ code: 'unauthorized' });
    const forbidden = server([403, { code: 'forbidden', detail: 'No.' }]);
    await expect(client(forbidden.fetch).client.state(runId)).rejects.toBeInstanceOf(CollabError);
  });

  test.each([null, { runs: 7 }, []])('takes no answer of another server for one: %o', async (body) => {
    await expect(client(server([200, body]).fetch).client.runs()).rejects.toBeInstanceOf(NoAnswer);
  });

  test('ends after ten seconds without an answer, and when the caller gives up', async () => {
    const silent: Fetch = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    const { clock, client: reader } = client(silent);
    const late = expect(reader.runs()).rejects.toBeInstanceOf(NoAnswer);
    await settle();
    await clock.advance(10_000);
    await late;
    const caller = new AbortController();
    const given = expect(reader.runs({ signal: caller.signal })).rejects.toThrow('enough');
    await settle();
    caller.abort(new Error('enough'));
    await given;
    expect(clock.pending).toBe(0);
  });
});

test('A client opens connections that have its options', () => {
  const { client: opened } = client(() => Promise.reject(new Error('not asked')));
  expect(opened.open(runId).snapshot).toMatchObject({ runId, connection: { kind: 'idle' } });
});

describe('A batch without following a run', () => {
  const given = '0198c0de-0000-7000-8000-000000000001';
  const ack = { messageId: given, sequenceNumber: 7, timestamp: 9, duplicate: false };
  const graft = { eventType: 'GRAFT', data: { agentId: 'a', stepId: 's' }, messageId: given };
  const flag = { eventType: 'FLAG', data: { stepId: 's', reason: 'r' } };

  test('tells what became of each event, and gives those an id that have none', async () => {
    const refused = { error: { code: 'rate_limited', message: 'Too many.', retryAfterMs: 50 } };
    const { asked, bodies, fetch } = server([200, [{ ack }, refused]]);
    const [first, second] = await client(fetch).client.publishBatch(runId, [graft, flag]);
    expect(asked).toEqual([`Bearer secret https://collab.test/base/api/runs/${runId}/collaboration/events/batch`]);
    expect(bodies).toEqual([
      { atomic: false, events: [graft, { ...flag, messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string }] },
    ]);
    expect(first).toEqual(ack);
    expect(second).toBeInstanceOf(CollabError);
    expect(second).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 50 });
  });

  test('asked again with another token, has the same ids', async () => {
    const { bodies, fetch } = server([401, { code: 'unauthorized' }], [200, [{ ack }]]);
    await client(fetch).client.publishBatch(runId, [flag]);
    expect(bodies[1]).toEqual(bodies[0]);
  });

  test('is refused as a whole where it is all or none', async () => {
    const { bodies, fetch } = server([400, { code: 'invalid_event', detail: 'events[1]: data.stepId is missing.' }]);
    const failure = client(fetch).client.publishBatch(runId, [graft], { atomic: true });
    await expect(failure).rejects.toMatchObject({ code: 'invalid_event', message: 'events[1]: data.stepId is missing.' });
    expect(bodies).toMatchObject([{ atomic: true }]);
  });

  test('is in doubt where the answer is not one', async () => {
    const { fetch } = server([200, [{ ack }]]);
    await expect(client(fetch).client.publishBatch(runId, [graft, flag])).rejects.toBeInstanceOf(NoAnswer);
  });
});
