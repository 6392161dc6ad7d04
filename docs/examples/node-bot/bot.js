// A bot that follows a run and has two rules: a step that is skipped is flagged for review, and where SRE is skipped, a smoke test comes after
// DEVELOPER. Its rules look at the state, not at single events: so it also answers what happened while it was away, and nothing twice.
import { RunConnection } from '@collab/client';

const [runId = '550e8400-e29b-41d4-a716-446655440000', server = 'http://127.0.0.1:5080'] = process.argv.slice(2);

const run = new RunConnection({ runId, url: server, token: developmentToken });

let shown = '';
/** What is asked for and may not be in the state yet. */
const asked = new Set();

run.subscribe(({ connection, isConnected, state }) => {
  if (connection.kind !== shown) console.log((shown = connection.kind));
  // It goes on trying by itself. Only a refusal, or close(), ends it.
  if (connection.kind === 'closed' && connection.error) {
    console.error(String(connection.error));
    process.exitCode = 1;
  }
  if (!isConnected) return;
  for (const step of state.prunedSteps) {
    if (!state.flags[step]) once(`flag ${step}`, () => run.flag(step, 'Skipped: please review'));
  }
  if (state.prunedSteps.includes('SRE') && !state.grafts.DEVELOPER) once('smoke test', () => run.graft('DEVELOPER', 'smoke-test'));
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void run.close());
run.connect();

/** A publish waits over any number of reconnects. It fails only if the server refuses it, or the bot is ended. */
async function once(what, publish) {
  if (asked.has(what)) return;
  asked.add(what);
  try {
    const { sequenceNumber } = await publish();
    console.log(`#${sequenceNumber} ${what}`);
  } catch (error) {
    console.error(`${what}: ${error}`);
  }
}

/** Servers in development hand these out. Yours come from where your services get theirs. */
async function developmentToken() {
  const answer = await fetch(`${server}/dev/token?user=review-bot&kind=agent`);
  if (!answer.ok) throw new Error(`No token: ${answer.status}`);
  return (await answer.json()).token;
}
