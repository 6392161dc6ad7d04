import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath =
  process.env.CHROME_BIN ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium as it is on this machine: nothing is downloaded. */
export function openBrowser() {
  return chromium.launch({ executablePath, args: flags });
}

/** Where `COLLAB_SCREENSHOTS` names a folder, each page is kept as a picture. */
const pictures = process.env.COLLAB_SCREENSHOTS;

/** Opens the page of an example, sees it live over a WebSocket, grafts, and sees the event and oneself; nothing may be wrong in the console. */
export async function joinsAndGrafts(browser, address, name) {
  const page = await browser.newPage();
  // Nothing takes so long, on a machine with other work too.
  page.setDefaultTimeout(120_000);
  const [wrong, sockets] = [[], []];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('websocket', (socket) => sockets.push(socket));
  await page.goto(address);
  await page
    .getByTestId('connection')
    .filter({ hasText: /^\s*live\s*$/ })
    .waitFor({ state: 'attached' });
  assert.ok(
    sockets.some((socket) => socket.url().includes('/hubs/collaboration') && !socket.isClosed()),
    'there is a WebSocket to the hub',
  );
  await page.getByRole('button', { name: 'Graft a scanner' }).first().click();
  await page.getByTestId('events').getByText('GRAFT').waitFor();
  await page.getByTestId('users').filter({ hasText: 'ana' }).waitFor();
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
  assert.deepEqual(wrong, []);
  await page.close();
}
