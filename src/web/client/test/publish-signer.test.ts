import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CollabClient, type PublishSigner } from '../src/index.js';
import { formOfPublish, PublishSigning, signFunction, type SignedPublish } from '../src/publish-signer.js';
import { withSeams, type Fetch } from '../src/testing.js';
import { runId } from './conformance/shorthand.js';
import { FakeClock, settle } from './kit/fake-clock.js';
import { tokenOf } from './kit/token.js';
import { world } from './kit/world.js';

interface Example {
  readonly users: readonly { readonly userId: string; readonly secret: string }[];
  readonly jwk: JsonWebKey;
  readonly publishes: readonly {
    readonly publish: SignedPublish;
    readonly timestamp: number;
    readonly nonce: string;
    readonly form: string;
    readonly hmac: string;
    readonly ed25519: string;
  }[];
}

interface Signed {
  readonly eventType: string;
  readonly data: unknown;
  readonly messageId: string;
  readonly basedOnSequence?: number;
  readonly signature?: { readonly timestamp: number; readonly nonce: string; readonly value: string };
}

const file = new URL('../../../../tests/conformance/signing/publish.json', import.meta.url);
const example = JSON.parse(readFileSync(file, 'utf8')) as Example;
const secretOf = (userId: string) => example.users.find((user) => user.userId === userId)?.secret ?? null;
const secret = 'a secret of alice, of 32 bytes or more';

/** What a signer makes of the form of an event. */
async function valueOf(signer: PublishSigner, { form, publish }: Example['publishes'][number]): Promise<unknown> {
  const bytes = await signFunction(signer)(new TextEncoder().encode(form), publish.userId);
  return bytes === null ? null : Buffer.from(bytes).toString('base64url');
}

/** Whether a signature is that of the event that carries it. */
async function isRight(event: Signed, key: string, userId = 'alice'): Promise<boolean> {
  const { eventType, data, messageId, basedOnSequence = null, signature } = event;
  if (signature === undefined) return false;
  const form = formOfPublish({ runId, userId, eventType, data, messageId, basedOnSequence }, signature.timestamp, signature.nonce);
  const raw = new TextEncoder().encode(key);
  const imported = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return crypto.subtle.verify('HMAC', imported, Uint8Array.from(Buffer.from(signature.value, 'base64url')), new TextEncoder().encode(form));
}

const ack = (messageId: string) => ({ ack: { messageId, sequenceNumber: 1, timestamp: 1, duplicate: false } });
const late = (now: number) => ({ error: { code: 'forbidden', message: 'Too old.', serverTimestamp: now } });

describe('A publish signer', () => {
  it('makes the forms and the signatures of the example', async () => {
    const algorithm = { name: 'Ed25519' };
    const privateKey = await crypto.subtle.importKey('jwk', { ...example.jwk, key_ops: ['sign'] }, algorithm, false, ['sign']);
    for (const publish of example.publishes) {
      expect(formOfPublish(publish.publish, publish.timestamp, publish.nonce)).toBe(publish.form);
      expect(await valueOf({ secret: secretOf }, publish)).toBe(publish.hmac);
      expect(await valueOf({ secret: secretOf(publish.publish.userId) ?? '' }, publish)).toBe(publish.hmac);
      expect(await valueOf({ privateKey }, publish)).toBe(publish.ed25519);
    }
  });

  it('signs each time anew, with a nonce that a server takes, and no event twice with one', async () => {
    const signing = new PublishSigning({ secret }, () => 5.4);
    const event = { eventType: 'FLAG', data: {}, messageId: 'M' };
    const signed = [...(await signing.sign(runId, 'alice', [event, event])), ...(await signing.sign(runId, 'alice', [event]))];
    const nonces = signed.map(({ signature }) => signature?.nonce ?? '');
    expect(new Set(nonces).size).toBe(3);
    for (const nonce of nonces) expect(nonce).toMatch(/^[\w-]{16,64}$/);
    expect(signed[0]?.signature?.timestamp).toBe(5);
  });

  it('leaves cursor moves, and what it has no signature for, as they are', async () => {
    const event = { eventType: 'FLAG', data: {}, messageId: 'm' };
    const move = { eventType: 'CURSOR_MOVE', data: {}, messageId: 'n' };
    expect(await new PublishSigning({ secret }, () => 1).sign(runId, 'alice', [move])).toEqual([move]);
    expect(await new PublishSigning({ secret: () => null }, () => 1).sign(runId, 'alice', [event])).toEqual([event]);
    expect(
      await new PublishSigning(
        () => null,
        () => 1,
      ).sign(runId, 'alice', [event]),
    ).toEqual([event]);
  });

  it('refuses a secret that is too short, without telling it', () => {
    expect(() => new PublishSigning({ secret: 'too short' }, () => 1)).toThrow('32 bytes or more');
    expect(() => new PublishSigning({ secret: 'too short' }, () => 1)).not.toThrow('too short');
  });
});

describe('A connection that signs', () => {
  it('sends what waits by batches, signed with the server’s time of sending', async () => {
    const { run, server, clock, reply, live } = world({ publishSigner: { secret } });
    void run.flag('PM');
    void run.publish('FLAG', { stepId: 'PM' }, undefined, 0);
    await clock.advance(3_600_000);
    await live();
    await settle();
    const [call] = server.asked.filter(({ name }) => name.startsWith('Publish'));
    expect(call?.name).toBe('PublishBatch');
    const [first, second] = call?.details[0] as [Signed, Signed];
    expect([await isRight(first, secret), await isRight(second, secret)]).toEqual([true, true]);
    expect([await isRight(first, 'another secret of 32 bytes or more'), await isRight(first, secret, 'bob')]).toEqual([false, false]);
    expect(first.signature?.timestamp).toBe(clock.now());
    await reply('PublishBatch', [ack(first.messageId), ack(second.messageId)]);
    expect(run.snapshot.pending).toEqual([]);
    await run.close();
  });

  it('signs anew what is sent again, over HTTP too, and no cursor move', async () => {
    const { run, server, reply, live, clock } = world({ publishSigner: { secret }, fallbackAfter: 1 });
    await live();
    void run.flag('PM');
    await settle();
    const byHub = (server.asked.find(({ name }) => name === 'PublishBatch')?.details[0] as [Signed])[0];
    server.hubs[0]?.drop();
    await clock.advance(0);
    await settle();
    server.take(({ name }) => name === 'open')?.reject(new Error('blocked'));
    await settle();
    await reply('poll', { status: 200, body: { runId, epoch: 'e', events: [], lastSequence: 0, activeUsers: [], cursorPositions: {} } });
    await settle();
    run.moveCursor('PM');
    await settle();
    const posts = server.asked.filter(({ name }) => name === 'post').map(({ details }) => details[0] as Signed);
    const [byHttp] = posts.filter(({ eventType }) => eventType === 'FLAG') as [Signed];
    const [move] = posts.filter(({ eventType }) => eventType === 'CURSOR_MOVE');
    expect([await isRight(byHub, secret), await isRight(byHttp, secret)]).toEqual([true, true]);
    expect(byHttp.messageId).toBe(byHub.messageId);
    expect(byHttp.signature?.nonce).not.toBe(byHub.signature?.nonce);
    expect(move).toBeDefined();
    expect(move?.signature).toBeUndefined();
    await run.close();
  });

  it('takes the server’s time from a refusal, once', async () => {
    const { run, server, clock, live, reply } = world({ publishSigner: { secret } });
    await live();
    const first = run.flag('PM');
    await settle();
    const now = clock.now() + 7_200_000;
    await reply('PublishBatch', [late(now)]);
    const calls = server.asked.filter(({ name }) => name === 'PublishBatch').map(({ details }) => (details[0] as [Signed])[0]) as [
      Signed,
      Signed,
    ];
    expect(calls.map((event) => event.signature?.timestamp)).toEqual([clock.now(), now]);
    expect([calls[1].messageId, await isRight(calls[1], secret)]).toEqual([calls[0].messageId, true]);
    await reply('PublishBatch', [late(now + 7_200_000)]);
    await expect(first).rejects.toMatchObject({ code: 'forbidden', serverTime: now + 7_200_000 });
    await run.close();
  });

  it('tries again where the application could not sign, and says so in the end', async () => {
    let calls = 0;
    const signer = () => {
      calls++;
      return Promise.reject(new Error('The key is away.'));
    };
    const { run, server, clock, live } = world({ publishSigner: signer });
    await live();
    const flag = run.flag('PM');
    for (let i = 0; i < 4; i++) {
      await settle();
      await clock.advance(10_000);
    }
    await settle();
    await expect(flag).rejects.toMatchObject({ code: 'unavailable', message: 'The publish could not be signed: The key is away.' });
    expect(calls).toBe(4);
    expect(server.asked.filter(({ name }) => name.startsWith('Publish'))).toEqual([]);
    await run.close();
  });
});

it('A batch without a connection is signed, and once more with the server’s time', async () => {
  const bodies: { atomic: boolean; events: Signed[] }[] = [];
  const answers = [
    Response.json({ code: 'forbidden', detail: 'events[0]: Too old.', serverTimestamp: 9_000_000 }, { status: 403 }),
    Response.json([ack('a'), ack('b')], { status: 201 }),
    Response.json([ack('a'), late(18_000_000)]),
    Response.json([ack('a'), ack('b')]),
  ];
  const fetcher: Fetch = (_, init) => {
    bodies.push(JSON.parse(init.body as string) as (typeof bodies)[number]);
    return Promise.resolve(answers[bodies.length - 1] ?? Response.error());
  };
  const options = { url: 'https://collab.test', token: () => tokenOf('alice', null, 1), publishSigner: { secret } };
  const client = new CollabClient(withSeams(options, { clock: new FakeClock(), fetch: fetcher }));
  const events = [
    { eventType: 'FLAG', data: { stepId: 'S' } },
    { eventType: 'FLAG', data: { stepId: 'T' }, basedOnSequence: 0 },
  ];
  expect(await client.publishBatch(runId, events, { atomic: true })).toHaveLength(2);
  expect(await client.publishBatch(runId, events)).toMatchObject([{ messageId: 'a' }, { messageId: 'b' }]);
  const sent = bodies.flatMap((body) => body.events);
  expect(await Promise.all(sent.map((event) => isRight(event, secret)))).toEqual(Array(8).fill(true));
  expect(bodies.map((body) => body.events[0]?.signature?.timestamp)).toEqual([new FakeClock().now(), 9_000_000, 9_000_000, 18_000_000]);
  expect(bodies[1]?.events.map((event) => event.messageId)).toEqual(bodies[0]?.events.map((event) => event.messageId));
});
