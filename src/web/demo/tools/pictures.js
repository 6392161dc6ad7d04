// Takes the pictures of docs/page.md from a running server in Development, with Chromium:
//
//   npm install --no-save --prefix /tmp/fluidity playwright-core      (once; Chromium is the system's, or CHROMIUM=…)
//   dotnet run --project src/Collab.Server
//   cd src/web && PLAYWRIGHT=/tmp/fluidity/node_modules/playwright-core node demo/tools/pictures.js [address] [folder] [name…]
//
// With names it takes only those.
import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { png8 } from './png8.js';

const [address = 'http://127.0.0.1:5080', folder = 'pictures', ...names] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT ?? 'playwright-core');
const laptop = { width: 1300, height: 800 };
const phone = { width: 390, height: 800 };
const hubs = [];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const run = await makeRun();
  const small = await chain(12);
  const large = await chain(995);
  const shots = {
    home: () => shoot('home', ''),
    run: () => shoot('run', `runs/${run}?user=zoe`, { act: showActions }),
    'run-dark': () => shoot('run-dark', `runs/${run}?user=zoe`, { colorScheme: 'dark', act: showActions }),
    'run-17': () => shoot('run-17', `runs/${small}?user=zoe`),
    'run-1000': () => shoot('run-1000', `runs/${large}?user=zoe`, { act: (page) => page.keyboard.press('0') }),
    'run-1000-near': () => shoot('run-1000-near', `runs/${large}?user=zoe`),
    'time-travel': () => shoot('time-travel', `runs/${run}?user=zoe`, { act: lookBack }),
    polling: () => shoot('polling', `runs/${run}?user=zoe`, { isBlocked: true }),
    phone: () => shoot('phone', `runs/${run}?user=zoe`, { viewport: phone }),
    'phone-timeline': () => shoot('phone-timeline', `runs/${run}?user=zoe`, { viewport: phone, act: openSheet }),
    'phone-home': () => shoot('phone-home', '', { viewport: phone }),
    admin: () => shoot('admin', 'admin', { waitMs: 9000 }),
    'admin-dark': () => shoot('admin-dark', 'admin', { colorScheme: 'dark', waitMs: 9000 }),
    'phone-admin': () => shoot('phone-admin', 'admin', { viewport: phone, waitMs: 5000 }),
    components: () => shoot('components', 'components', { viewport: { width: 1100, height: 1330 } }),
    'components-more': () => shoot('components-more', 'components', { viewport: { width: 1100, height: 1330 }, act: toTheEnd }),
    'not-found': () => shoot('not-found', 'nowhere'),
  };
  for (const [name, take] of Object.entries(shots)) if (names.length === 0 || names.includes(name)) await take();
} finally {
  await browser.close();
  await Promise.all(hubs.map((hub) => hub.stop()));
}

async function shoot(name, path, { viewport = laptop, colorScheme = 'light', act, isBlocked = false, waitMs = 2500 } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, hasTouch: viewport === phone });
  const page = await context.newPage();
  if (isBlocked) {
    await page.route('**/hubs/**', (route) => route.abort());
    await page.routeWebSocket('**/hubs/**', (socket) => socket.close());
  }
  await page.goto(new URL(path, address).href);
  await pause(isBlocked ? 15_000 : waitMs);
  await act?.(page);
  await pause(900);
  writeFileSync(join(folder, `${name}.png`), png8(await page.screenshot()));
  await context.close();
  console.log(name);
}

async function showActions(page) {
  await page.locator('[data-node-id="DEVELOPER"]').hover();
}

async function toTheEnd(page) {
  await page.locator('#timelines').scrollIntoViewIfNeeded();
  await page.evaluate(() => window.scrollTo(0, 1e6));
}

async function lookBack(page) {
  await page.getByTestId('scrubber').fill('5');
}

async function openSheet(page) {
  await page.locator('.open-sheet').click();
}

/** A run with something of everything, and people in it. */
async function makeRun() {
  const id = randomUUID();
  const [ana, ben, cy, dora] = await Promise.all(['ana', 'ben', 'cy', 'dora'].map((user) => enter(user, id)));
  await ana('RUN_TITLE', { of: 'run', title: 'Checkout rework' });
  await ana('GRAFT', { after: 'ARCHITECT', agentName: 'security-scanner-v1' });
  await ben('PRUNE', { stepId: 'QUALIFIER', isPruned: true });
  await cy('GRAFT', { after: 'DEVELOPER', agentName: 'test-writer-v3' });
  await dora('FLAG', { stepId: 'SRE', note: 'Who is on call this weekend?' });
  await ben('GRAFT', { after: 'test-writer-v3', agentName: 'flaky-test-hunter' });
  await ana('FLAG', { stepId: 'security-scanner-v1', note: 'Two findings are false alarms.' });
  await cy('GRAFT', { after: 'PM', agentName: 'spec-check' });
  await ben.move('DEVELOPER');
  await cy.move('security-scanner-v1');
  await dora.move('SRE');
  return id;
}

/** A run with so many agents in a chain, and people in it. */
async function chain(count) {
  const id = randomUUID();
  const people = await Promise.all(['ana', 'ben', 'cy', 'dora', 'emil', 'fay'].map((user) => enter(user, id)));
  const agent = (i) => (i === 0 ? 'ARCHITECT' : `agent-${i}`);
  for (let i = 0; i < count; i++) {
    await people[i % people.length]('GRAFT', { after: agent(i), agentName: agent(i + 1) });
    if (i % 9 === 4) await people[1]('PRUNE', { stepId: agent(i), isPruned: true });
    if (i % 11 === 6) await people[2]('FLAG', { stepId: agent(i), note: 'Look again.' });
  }
  for (const [i, person] of people.entries()) await person.move(agent(2 * i + 1));
  return id;
}

/** Somebody who is in a run: publishes when called, and has a cursor. */
async function enter(user, run) {
  const token = async () => (await (await fetch(new URL(`dev/token?user=${user}`, address))).json()).token;
  const hub = new HubConnectionBuilder()
    .withUrl(new URL('hubs/collaboration', address).href, { accessTokenFactory: token })
    .configureLogging(LogLevel.None)
    .build();
  await hub.start();
  await hub.invoke('JoinRun', run, null);
  hubs.push(hub);
  return Object.assign((type, data) => hub.invoke('Publish', run, type, data, randomUUID()), {
    move: (step) => hub.invoke('MoveCursor', run, step),
  });
}
