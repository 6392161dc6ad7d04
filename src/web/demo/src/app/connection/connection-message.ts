import { endingWords, isRunOver, refusalWords } from '@collab/angular';
import { ConnectionState, Ending } from '@collab/client';

/** What the page says about the connection while it is not simply live. */
export interface ConnectionMessage {
  readonly tone: 'quiet' | 'warn' | 'danger';
  readonly text: string;
  /** When the next try is due, Unix ms; null where none is planned. */
  readonly retryAt: number | null;
  readonly action: 'retry' | 'token' | null;
}

/** How things are, as far as the message depends on them. */
export interface Situation {
  readonly connection: ConnectionState;
  /** Why the server ended the connection last. */
  readonly reason: Ending | null;
  /** Why the page has no token, where that is why there is no connection. */
  readonly tokenFailure: string | null;
  readonly queued: number;
  /** Whether the run has ended: the page says so by itself. */
  readonly hasEnded: boolean;
  /** What the browser says about the network. */
  readonly isOnline: boolean;
  readonly canWrite: boolean | null;
  readonly hasPastedToken: boolean;
  readonly pollSeconds: number;
}

/** So many tries that fail, and it is not a hiccup any more. */
const isGoneAfter = 3;

/** Null where there is nothing to say. */
export function connectionMessage(situation: Situation): ConnectionMessage | null {
  const { connection, queued, canWrite } = situation;
  if (isRunOver(connection, situation.hasEnded)) return null;
  switch (connection.kind) {
    case 'idle':
      return null;
    case 'connecting':
      return { tone: 'quiet', text: 'Connecting…', retryAt: null, action: null };
    case 'live':
      return canWrite === false ? lookOnly(situation.hasPastedToken) : null;
    case 'reconnecting':
      return {
        tone: 'danger',
        text: `${away(situation, connection.attempt)}${waiting(queued)}`,
        retryAt: connection.retryAt,
        action: 'retry',
      };
    case 'polling':
      return connection.reachable
        ? {
            tone: 'warn',
            // What is under way goes out at once: nothing waits.
            text: `Live connection blocked. Updates every ${situation.pollSeconds} s.`,
            retryAt: null,
            action: 'retry',
          }
        : {
            tone: 'danger',
            text: `${away(situation, Infinity)}${waiting(queued)}`,
            retryAt: null,
            action: 'retry',
          };
    case 'closed':
      return closed(situation, connection.error?.code ?? null, connection.error ? refusalWords(connection.error) : null);
  }
}

function lookOnly(hasPastedToken: boolean): ConnectionMessage {
  const text = 'You can look, but not change: you have no right to write in this run.';
  return { tone: 'quiet', text, retryAt: null, action: hasPastedToken ? 'token' : null };
}

function away({ isOnline, reason, tokenFailure }: Situation, attempt: number): string {
  if (!isOnline) return 'You are offline.';
  if (tokenFailure !== null) return `There is no access token. ${tokenFailure}`;
  if (attempt > isGoneAfter) return 'The server does not answer.';
  // It came before the first try that failed: later there is another reason why there is no connection.
  return reason !== null && attempt <= 1 ? endingWords(reason.code) : 'Connection lost.';
}

function waiting(queued: number): string {
  if (queued === 0) return '';
  return queued === 1 ? ' 1 change waits for the connection.' : ` ${queued} changes wait for the connection.`;
}

function closed({ hasPastedToken, reason: ending }: Situation, code: string | null, reason: string | null): ConnectionMessage {
  const action = code === 'unauthorized' && hasPastedToken ? 'token' : 'retry';
  const text =
    ending?.code === 'revoked' || ending?.code === 'protocol'
      ? endingWords(ending.code)
      : code === 'forbidden'
        ? 'You have no right to see this run.'
        : reason === null
          ? 'Disconnected.'
          : `Disconnected: ${reason}.`;
  return { tone: 'danger', text, retryAt: null, action: code === 'forbidden' && hasPastedToken ? 'token' : action };
}
