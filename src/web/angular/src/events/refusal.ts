import { CollabError } from '@collab/client';

/** Why something was refused, in words for the user: they follow a colon. */
export function refusalWords(error: CollabError | null): string {
  switch (error?.code) {
    case undefined:
      return 'no reason given';
    case 'unauthorized':
      return 'the access token is not valid any more';
    case 'forbidden':
      return 'you have no right to change this run';
    case 'invalid_event':
      return 'the server cannot accept this change';
    case 'payload_too_large':
      return 'it is too long';
    case 'rate_limited':
      return 'too many changes at once';
    case 'overloaded':
      return 'the server has too much to do';
    case 'unavailable':
      return 'the server cannot store it now';
    case 'conflict':
      return 'somebody else has changed the same thing meanwhile';
    case 'run_ended':
      return 'this run has ended';
    case 'queue_full':
      return 'too many changes are waiting to be sent';
    case 'closed':
      return 'not connected';
  }
}
