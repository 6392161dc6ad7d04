import type { PublishAck } from '@collab/client';
import { useState } from 'react';
import { useRun } from './use-run';

const steps = ['PM', 'ARCHITECT', 'DEVELOPER', 'SRE'];

export function App({ runId, user, server }: { runId: string; user: string; server: string }) {
  const [run, { connection, state, events, activeUsers, queuedCount }] = useRun(runId, user, server);
  const [refusal, setRefusal] = useState('');

  /** A publish waits over any number of reconnects. It fails only if the server refuses it. */
  function send(publish: Promise<PublishAck>): void {
    setRefusal('');
    publish.catch((error: unknown) => setRefusal(String(error)));
  }

  return (
    <main>
      <header>
        <h1>Run with React</h1>
        <p className={`status ${connection.kind}`} role="status" data-testid="connection">
          {connection.kind}
        </p>
      </header>
      <p>
        Here now: <span data-testid="users">{activeUsers.map(run.displayName).join(', ') || 'nobody'}</span>
        {queuedCount > 0 && ` · ${String(queuedCount)} waiting to be sent`}
      </p>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step}>
            <strong className={state.prunedSteps.includes(step) ? 'pruned' : ''}>{step}</strong>
            <span>
              <button onClick={() => send(run.graft(step, 'security-scanner-v1'))}>Graft a scanner</button>
              <button onClick={() => send(run.prune(step, !state.prunedSteps.includes(step)))}>
                {state.prunedSteps.includes(step) ? 'Take back in' : 'Prune'}
              </button>
            </span>
          </li>
        ))}
      </ol>
      {refusal && <p role="alert">{refusal}</p>}
      <h2>Events</h2>
      <ol className="events" data-testid="events">
        {events.map(({ sequenceNumber, eventType, userId, data }) => (
          <li key={sequenceNumber}>
            <code>#{sequenceNumber}</code> <bdi>{run.displayName(userId)}</bdi> {eventType} <code>{JSON.stringify(data)}</code>
          </li>
        ))}
      </ol>
    </main>
  );
}
