import { newUuid, RunConnection, type RunSnapshot } from '@collab/client';

const url = new URLSearchParams(location.search).get('server') ?? '';
const run = new RunConnection({
  url,
  runId: newUuid(),
  token: async () => ((await (await fetch(`${url}/dev/token?user=ana`)).json()) as { token: string }).token,
});

function show({ connection, activeUsers, events }: RunSnapshot): void {
  const texts: Record<string, string> = {
    connection: connection.kind,
    users: activeUsers.join(', '),
    events: events.map((event) => event.eventType).join(', '),
  };
  for (const [id, text] of Object.entries(texts)) document.querySelector(`[data-testid=${id}]`)!.textContent = text;
}

document.querySelector('button')!.onclick = () => void run.graft('ARCHITECT', 'security-scanner-v1');
run.subscribe(show);
run.connect();
