import { expect, test } from 'vitest';
import { HttpApi } from '../src/http-api.js';
import { Requests } from '../src/requests.js';
import type { Fetch } from '../src/testing.js';
import { TokenSource } from '../src/token.js';
import { answer, runId } from './conformance/shorthand.js';
import { FakeClock, settle } from './kit/fake-clock.js';

const { signal } = new AbortController();

function api(fetcher: Fetch, token: () => string | Promise<string> = () => 'secret') {
  const clock = new FakeClock();
  const tokens = new TokenSource({ ask: token, userId: null, clock, owner: { taken: () => undefined, inUse: () => undefined } });
  return { clock, api: new HttpApi(new Requests('https://collab.test/base', tokens, fetcher, clock), runId) };
}

const replies =
  (status: number, body: string, headers = {}) =>
  () =>
    Promise.resolve(new Response(body, { status, headers }));

test('A publish goes out as the contract has it, with the token in its header', async () => {
  const asked: [string, RequestInit][] = [];
  const { api: http } = api((url, init) => {
    asked.push([url, init]);
    return replies(201, '{"messageId":"m","sequenceNumber":3,"timestamp":5,"duplicate":false}')();
  });
  const acks = await http.publish([{ eventType: 'FLAG', data: { stepId: 'S' }, messageId: 'm' }], signal);
  expect(acks).toEqual([{ messageId: 'm', sequenceNumber: 3, timestamp: 5, duplicate: false }]);
  const [[url, init] = ['', {} as RequestInit]] = asked;
  expect(url).toBe(`https://collab.test/base/api/runs/${runId}/collaboration/events`);
  expect(init.method).toBe('POST');
  const headers = new Headers(init.headers);
  expect([headers.get('Authorization'), headers.get('Content-Type')]).toEqual(['Bearer secret', 'application/json']);
  expect(init.body).toBe('{"eventType":"FLAG","data":{"stepId":"S"},"messageId":"m"}');
});

test('A poll says where it begins, and is never taken from a cache', async () => {
  const asked: [string, RequestInit][] = [];
  const { api: http } = api((url, init) => {
    asked.push([url, init]);
    return replies(200, JSON.stringify(answer({ events: [8] })))();
  });
  expect((await http.poll(7, null, signal)).events).toHaveLength(1);
  await http.poll(7, 6, signal);
  expect(asked[0]?.[0]).toMatch(/\/collaboration\/poll\?afterSequence=7&presence=full$/);
  expect(asked[1]?.[0]).toMatch(/\/collaboration\/poll\?afterSequence=7&presence=full&seen=6$/);
  expect(asked[0]?.[1].cache).toBe('no-store');
});

test.each([
  ['a page', replies(200, '<html>')],
  ['other JSON', replies(200, '{"ok":true}')],
  ['an answer without a log', replies(200, '{"epoch":"e","events":{}}')],
  ['a network that fails', () => Promise.reject(new TypeError('Failed to fetch'))],
])('%s is no answer', async (_, fetcher) => {
  await expect(api(fetcher).api.poll(0, null, signal)).rejects.toMatchObject({ name: 'NoAnswer' });
});

test('A refusal carries its code, and how long to wait', async () => {
  const { api: http } = api(replies(503, '{"code":"overloaded","detail":"Full."}', { 'Retry-After': '4' }));
  await expect(http.state(signal)).rejects.toMatchObject({ name: 'CollabError', code: 'overloaded', message: 'Full.', retryAfterMs: 4000 });
});

test('A token that cannot be had is no answer', async () => {
  const { api: http } = api(replies(200, '{}'), () => Promise.reject(new Error('offline')));
  await expect(http.state(signal)).rejects.toMatchObject({ name: 'NoAnswer', message: 'offline' });
});

test.each(['after ten seconds', 'when it is not wanted any more'])('A request that hangs is given up %s', async (when) => {
  const { api: http, clock } = api(
    (_, init) =>
      new Promise((_resolve, reject) =>
        init.signal?.addEventListener('abort', () => {
          reject(new Error('aborted'));
        }),
      ),
  );
  const wanted = new AbortController();
  const poll = http.poll(0, null, wanted.signal);
  poll.catch(() => undefined);
  await settle();
  if (when === 'after ten seconds') await clock.advance(10_000);
  else wanted.abort();
  await expect(poll).rejects.toMatchObject({ name: 'NoAnswer' });
  expect(clock.pending).toBe(0);
});

test('A request whose token does not come is given up after ten seconds, and the token is not taken when it comes', async () => {
  let give: (token: string) => void = () => undefined;
  const asked: string[] = [];
  const { api: http, clock } = api(
    (_, init) => {
      asked.push(new Headers(init.headers).get('Authorization') ?? '');
      return replies(200, JSON.stringify(answer({})))();
    },
    () => new Promise((resolve) => (give = resolve)),
  );
  const poll = http.poll(0, null, signal);
  poll.catch(() => undefined);
  await clock.advance(10_000);
  await expect(poll).rejects.toMatchObject({ name: 'NoAnswer' });
  give('late');
  await settle();
  const next = http.poll(0, null, signal);
  await settle();
  give('new');
  await next;
  expect(asked).toEqual(['Bearer new']);
  expect(clock.pending).toBe(0);
});
