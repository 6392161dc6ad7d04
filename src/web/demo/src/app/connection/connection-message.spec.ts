import { CollabError, ConnectionState } from '@collab/client';
import { connectionMessage, Situation } from './connection-message';

const usual = { reason: null, tokenFailure: null, hasEnded: false };

function says(connection: ConnectionState, part: Partial<Situation> = {}): string | null {
  return (
    connectionMessage({ ...usual, connection, queued: 0, isOnline: true, canWrite: null, hasPastedToken: false, pollSeconds: 2, ...part })
      ?.text ?? null
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

  it('says nothing of a run that has ended, which needs no connection, but of one that is refused or still tried', () => {
    expect(says({ kind: 'live' }, { hasEnded: true, canWrite: false })).toBeNull();
    expect(says({ kind: 'closed', error: null }, { hasEnded: true })).toBeNull();
    expect(says({ kind: 'closed', error: new CollabError('forbidden', 'No.') }, { hasEnded: true })).toContain('no right to see');
    expect(says({ kind: 'reconnecting', attempt: 1, retryAt: null }, { hasEnded: true })).toBe('Connection lost.');
  });

  it('offers another token to who may only look, where one was pasted', () => {
    const situation = { ...usual, connection: { kind: 'live' } as const, queued: 0, isOnline: true, canWrite: false, pollSeconds: 2 };
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

  it('says why the server ended the connection, as long as that is why there is none', () => {
    const reason = { code: 'shutdown', message: 'Bye.', at: 1 } as const;
    expect(says({ kind: 'reconnecting', attempt: 1, retryAt: null }, { reason })).toBe('The server is restarting.');
    expect(says({ kind: 'reconnecting', attempt: 2, retryAt: null }, { reason })).toBe('Connection lost.');
    expect(says(gone, { reason })).toBe('The server does not answer.');
    const revoked = { kind: 'closed', error: new CollabError('forbidden', 'No.') } as const;
    expect(says(revoked, { reason: { ...reason, code: 'revoked' } })).toBe('Your right to see this run was taken away.');
    expect(says(revoked, { reason })).toBe('You have no right to see this run.');
  });

  it('does not call a server silent where the page has no token for another reason', () => {
    const part = { tokenFailure: 'The server answered 500.' };
    for (const away of [{ kind: 'reconnecting', attempt: 9, retryAt: null } as const, gone])
      expect(says(away, part)).toBe('There is no access token. The server answered 500.');
  });

  it('passes on when the next try is due', () => {
    const message = connectionMessage({
      ...usual,
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
    const situation = { ...usual, queued: 0, isOnline: true, canWrite: null, pollSeconds: 2 };
    expect(connectionMessage({ ...situation, connection: ended, hasPastedToken: true })?.action).toBe('token');
    expect(connectionMessage({ ...situation, connection: ended, hasPastedToken: false })?.action).toBe('retry');
  });
});
