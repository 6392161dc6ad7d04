import { RunConnection, type RunSnapshot } from '@collab/client';
import { useEffect, useState, useSyncExternalStore } from 'react';

/** Follows a run while the component is on the page. For another run give the component another `key`. */
export function useRun(runId: string, user: string, server: string): readonly [RunConnection, RunSnapshot] {
  const [run] = useState(
    () =>
      new RunConnection({
        runId,
        url: server,
        token: () => developmentToken(server, user),
      }),
  );

  useEffect(() => {
    run.connect();
    // React's strict mode comes back after this at once: a closed connection can connect again.
    return () => void run.close();
  }, [run]);

  // A run is an external store as React wants one: `subscribe` can be handed on by itself, and `snapshot` is the same object until something changes.
  return [run, useSyncExternalStore(run.subscribe, () => run.snapshot)];
}

/** Servers in development hand these out. Yours comes from your own sign-in. */
async function developmentToken(server: string, user: string): Promise<string> {
  const answer = await fetch(`${server}/dev/token?user=${encodeURIComponent(user)}`);
  if (!answer.ok) throw new Error(`No token: ${String(answer.status)}`);
  const { token } = (await answer.json()) as { token: string };
  return token;
}
