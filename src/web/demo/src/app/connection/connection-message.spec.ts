import { CollabError, ConnectionState } from '@collab/client';
import { connectionMessage, Situation } from './connection-message';

function says(connection: ConnectionState, part: Partial<Situation> = {}): string | null {
  return (
    connectionMessage({ connection, queued: 0, isOnline: true, canWrite: null, hasPastedToken: false, pollSeconds: 2, ...part })?.text ??
    null
  );
}

const blocked: ConnectionState = { kind: 'polling', probing: false, reachable: true };
const gone: ConnectionState = { kind: 'polling', probing: false, reachable: false };

describe('connectionMessage', () => {
  it('says nothing while live, unless one may only look', () => {
    expect(says({ kind: 'live' })).toBeNull();
    expect(says({ kind: 'live' }, { canWrite: true })).toBeNull();
    expect(says({ kind: 'live' }, { canWrite: false })).toContain('no right to write');
  });

  it('offers another token to who may only look, where one was pasted', () => {
    const situation = { connection: { kind: 'live' } as const, queued: 0, isOnline: true, canWrite: false, pollSeconds: 2 };
    expect(connectionMessage({ ...situation, hasPastedToken: true })?.action).toBe('token');
    expect(connectionMessage({ ...situation, hasPastedToken: false })?.action).toBeNull();
  });

  it('tells a lost connection from a server that is gone, and from being offline', () => {
    expect(says({ kind: 'reconnecting', attempt: 1, retryAt: null })).toBe('Connection lost.');
    expect(says({ kind: 'reconnecting', attempt: 4, retryAt: null })).toBe('The server does not answer.');
    expect(says({ kind: 'reconnecting', attempt: 1, retryAt: null }, { isOnline: false, queued: 2 })).toBe(
      'You are offline. 2 changes wait for the connection.',
    );
  });

  it('says that polling stands in, and when that fails too', () => {
    expect(says(blocked)).toBe('Live connection blocked. Updates every 2 s.');
    // What is sent while polling works is on its way: it does not wait for the connection.
    expect(says(blocked, { queued: 1 })).toBe('Live connection blocked. Updates every 2 s.');
    expect(says(gone, { queued: 1 })).toBe('The server does not answer. 1 change waits for the connection.');
  });

  it('passes on when the next try is due', () => {
    const message = connectionMessage({
      connection: { kind: 'reconnecting', attempt: 1, retryAt: 77 },
      queued: 0,
      isOnline: true,
      canWrite: null,
      hasPastedToken: false,
      pollSeconds: 2,
    });
    expect(message).toMatchObject({ retryAt: 77, action: 'retry' });
  });

  it('says why the connection ended, and asks for another token only where one was pasted', () => {
    const ended: ConnectionState = { kind: 'closed', error: new CollabError('unauthorized', 'expired') };
    expect(says(ended)).toBe('Disconnected: the access token is not valid any more.');
    expect(says({ kind: 'closed', error: new CollabError('forbidden', 'no') })).toBe('You have no right to see this run.');
    const situation = { queued: 0, isOnline: true, canWrite: null, pollSeconds: 2 };
    expect(connectionMessage({ ...situation, connection: ended, hasPastedToken: true })?.action).toBe('token');
    expect(connectionMessage({ ...situation, connection: ended, hasPastedToken: false })?.action).toBe('retry');
  });
});
