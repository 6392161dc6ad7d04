import { CollabError } from '@collab/client';

const codes: readonly CollabError['code'][] = ['queue_full', 'payload_too_large', 'run_ended', 'closed'];

/** Whether something was not even taken to be sent, so that it stands in no list of what is pending and has to be told elsewhere. */
export function wasNotSent(error: unknown): error is CollabError {
  return error instanceof CollabError && codes.includes(error.code);
}
