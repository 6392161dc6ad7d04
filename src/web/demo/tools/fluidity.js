// How fluid the page of a run is: 1,000 steps, 50 people, 60 cursor moves and 20 events a second, seen by Chromium.
//
//   npm install --no-save --prefix /tmp/fluidity playwright-core      (once; Chromium is the system's, or CHROMIUM=…)
//   dotnet run --project src/Collab.Server -- --Collab:Limits:PublishPerSecond=0 --Collab:Limits:PublishPerMinute=0 \
//     --Collab:Limits:CursorPerSecond=0 --Collab:Limits:ConnectionsPerUser=0
//   cd src/web && PLAYWRIGHT=/tmp/fluidity/node_modules/playwright-core node demo/tools/fluidity.js [address] [seconds] [trace.json]
//
// It prints one line of JSON. A trace is for chrome://tracing or the Performance panel; with one, what took the time is printed too.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';

const [address = 'http://127.0.0.1:5080', seconds = '20', trace] = process.argv.slice(2);
const stepCount = 1000;
const people = Array.from({ length: 50 }, (_, i) => `person-${i + 1}`);
const movesPerSecond = 60;
const eventsPerSecond = 20;
const run = randomUUID();
const agent = (i) => `agent-${i}`;
const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT ?? 'playwright-core');

await graftAll();
const hubs = await Promise.all(people.map(join));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const devtools = await page.context().newCDPSession(page);
  await page.goto(new URL(`runs/${run}?user=watcher`, address).href);
  await page.waitForFunction((count) => window.collaborationStore?.lastSequence() >= count, stepCount - 1);
  if (trace) await browser.startTracing(page, { path: trace, categories: ['devtools.timeline', 'blink', 'cc', 'v8'] });
  await page.evaluate(() => {
    const seen = (window.fluidity = { frames: 0, longTasks: 0, longest: 0, from: performance.now() });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        seen.longTasks++;
        seen.longest = Math.max(seen.longest, Math.round(duration));
      }
    }).observe({ type: 'longtask' });
    const count = () => {
      seen.frames++;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  const stop = beBusy();
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
  const seen = await page.evaluate(() => ({
    ...window.fluidity,
    ms: performance.now() - window.fluidity.from,
    events: window.collaborationStore.lastSequence(),
  }));
  stop();
  if (trace) await browser.stopTracing();
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.enable').then(() => devtools.send('Performance.getMetrics'));
  const metric = (name) => metrics.find((one) => one.name === name)?.value ?? 0;
  console.log(
    JSON.stringify({
      framesPerSecond: Math.round((seen.frames / seen.ms) * 10_000) / 10,
      longTasks: seen.longTasks,
      longestMs: seen.longest,
      eventsShown: seen.events - (stepCount - 1),
      domNodes: metric('Nodes'),
      heapMb: Math.round(metric('JSHeapUsedSize') / 100_000) / 10,
    }),
  );
  if (trace) printTrace();
} finally {
  await browser.close();
  await Promise.all(hubs.map((hub) => hub.stop()));
}

/** A chain of agents, in batches as large as the server takes. */
async function graftAll() {
  const token = await tokenOf('builder');
  for (let first = 1; first < stepCount; first += 100) {
    const events = Array.from({ length: Math.min(100, stepCount - first) }, (_, i) => ({
      eventType: 'GRAFT',
      data: { after: first + i === 1 ? 'ARCHITECT' : agent(first + i - 1), agentName: agent(first + i) },
      messageId: randomUUID(),
    }));
    const response = await fetch(new URL(`api/runs/${run}/collaboration/events/batch`, address), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ events, atomic: false }),
    });
    if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`);
  }
}

async function tokenOf(user) {
  const response = await fetch(new URL(`dev/token?user=${user}`, address));
  if (!response.ok) throw new Error('The server hands out no tokens: it has to be in Development.');
  return (await response.json()).token;
}

async function join(user) {
  const hub = new HubConnectionBuilder()
    .withUrl(new URL('hubs/collaboration', address).href, { accessTokenFactory: () => tokenOf(user) })
    .configureLogging(LogLevel.None)
    .build();
  await hub.start();
  await hub.invoke('JoinRun', run, stepCount);
  return hub;
}

/** Cursors and flags, at an even pace, until it is stopped. */
function beBusy() {
  let moves = 0;
  let flags = 0;
  const any = () => agent(1 + Math.floor(Math.random() * 40));
  const timers = [
    setInterval(() => void hubs[moves++ % hubs.length].invoke('MoveCursor', run, any()).catch(() => undefined), 1000 / movesPerSecond),
    setInterval(() => {
      const data = { stepId: any(), note: `look ${flags}` };
      void hubs[flags++ % hubs.length].invoke('Publish', run, 'FLAG', data, randomUUID()).catch(() => undefined);
    }, 1000 / eventsPerSecond),
  ];
  return () => timers.forEach(clearInterval);
}

/** What took the main thread's time, the most first. */
function printTrace() {
  const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8'));
  const main = traceEvents.find(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const sums = new Map();
  for (const { ph, name, dur, tid, pid } of traceEvents) {
    if (ph !== 'X' || tid !== main?.tid || pid !== main?.pid) continue;
    const sum = sums.get(name) ?? { count: 0, ms: 0 };
    sums.set(name, { count: sum.count + 1, ms: sum.ms + dur / 1000 });
  }
  const top = [...sums].sort(([, one], [, other]) => other.ms - one.ms).slice(0, 15);
  for (const [name, { count, ms }] of top) console.log(`${String(Math.round(ms)).padStart(7)} ms  ${String(count).padStart(6)} ×  ${name}`);
}
