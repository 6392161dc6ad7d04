import { CollabClient, CollabError, newUuid, RunConnection, type ConnectionState, type PublishAck, type RunSnapshot } from '@collab/client';
import { withSeams, type Hub } from '@collab/client/testing';

const run = new RunConnection(withSeams({ runId: newUuid(), url: 'http://127.0.0.1', token: () => 'a token' }, { random: () => 0 }));
const stop: () => void = run.subscribe((snapshot: RunSnapshot) => {
  const state: ConnectionState = snapshot.connection;
  if (state.kind === 'closed' && state.error instanceof CollabError) console.log(state.error.code);
});
const acknowledged: Promise<PublishAck> = run.graft('ARCHITECT', 'scanner');
const client = new CollabClient({ url: 'http://127.0.0.1' });
export const hub: Hub | null = null;
export default [stop, acknowledged, client.open(newUuid())];

// @ts-expect-error: an agent's name is missing.
void run.graft('ARCHITECT');
