// A client of a history: it is told on standard input what to do, and tells on standard output what it is shown, a line of JSON each.
import { createInterface } from 'node:readline';
import { RunConnection } from '@collab/client';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

const { url, runId, token } = JSON.parse((await lines.next()).value);
const run = new RunConnection({
  runId,
  url,
  token: () => token,
  storage: null,
  fallbackAfter: 3,
  pollIntervalMs: 500,
  backoff: (attempt) => 100 * Math.min(attempt + 1, 10),
});
run.onEvent(({ isCritical, sequenceNumber, messageId }) => {
  if (isCritical) tell({ number: sequenceNumber, messageId });
});
let shown = '';
run.subscribe(({ activeUsers, epoch }) => {
  const now = JSON.stringify({ users: activeUsers, epoch });
  if (now !== shown) process.stdout.write(`${(shown = now)}\n`);
});
run.connect();

for await (const line of lines) {
  const { cursor, publish, eventType, data, messageId, basedOn } = JSON.parse(line);
  if (publish === undefined) run.moveCursor(cursor);
  else
    run.publish(eventType, data, messageId, basedOn).then(
      ({ sequenceNumber, duplicate }) => tell({ asked: publish, sequenceNumber, duplicate }),
      ({ code }) => tell({ asked: publish, code }),
    );
}
await run.close();
