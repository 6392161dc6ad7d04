import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server } from '../signalr-js/kit/server.js';
import { joinsAndGrafts, openBrowser } from './kit/browser.js';
import { packages, run } from './kit/packages.js';
import { freePort, servePages } from './kit/pages.js';
import { Program } from './kit/program.js';

// The pages of docs/examples, in fresh projects with the packed packages, opened in Chromium.

let server;
let browser;
let port;
let origin;
before(async () => {
  // All pages come from one port, one after the other: the server must know from where pages may call.
  port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  server = await Server.start(undefined, { ASPNETCORE_ENVIRONMENT: 'Development', Collab__Cors__Origins: origin });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const query = () => `user=ana&server=${encodeURIComponent(`http://127.0.0.1:${server.port}`)}`;

async function withProgram(folder, file, args, env, use) {
  const program = new Program(folder, file, args, env);
  try {
    await use(program);
  } finally {
    await program.kill();
  }
}

test('React and Vite', async (t) => {
  const react = packages.install('react', 'client');
  const vite = join(react, 'node_modules/vite/bin/vite.js');

  await t.test('the example compiles, and is built', () => run(react, 'npm', 'run', 'build'));

  await t.test('the example is live as its page says, under strict mode too', async () => {
    await withProgram(react, vite, ['--port', String(port), '--strictPort'], {}, async (program) => {
      await program.line(/Local:/);
      await joinsAndGrafts(browser, `${origin}/?run=${randomUUID()}&${query()}`, 'react');
    });
  });

  await t.test('a page without a framework is built without ws, and is live', async () => {
    const page = packages.add('vite-ts', react);
    run(page, process.execPath, join(react, 'node_modules/typescript/bin/tsc'));
    run(page, process.execPath, vite, 'build');
    const scripts = readdirSync(join(page, 'dist/assets')).map((file) => readFileSync(join(page, 'dist/assets', file), 'utf8'));
    assert.ok(scripts.length > 0 && scripts.every((script) => !script.includes('Sec-WebSocket') && !script.includes('node:')));
    await servePages(join(page, 'dist'), 'index.html', port, () => joinsAndGrafts(browser, `${origin}/?${query()}`, 'vite-ts'));
  });
});

test('Angular', async (t) => {
  const angular = packages.install('angular', 'client', 'angular');
  const path = () => `/runs/${randomUUID()}?${query()}`;

  await t.test('the example is built', () => run(angular, 'npm', 'run', 'build'));

  await t.test('as files of any web server it is live', () =>
    servePages(join(angular, 'dist/browser'), 'index.csr.html', port, () => joinsAndGrafts(browser, origin + path(), 'angular')),
  );

  await t.test('the server renders the page as it is before it connects, and the browser takes it over', async () => {
    await withProgram(angular, 'dist/server/server.mjs', [], { PORT: String(port) }, async (program) => {
      await program.line(/^http:/);
      const answer = await fetch(origin + path());
      const page = await answer.text();
      assert.equal(answer.status, 200, page);
      assert.match(page, /ng-server-context="ssr"/);
      assert.match(page, /Run with Angular/);
      assert.match(page, /data-testid="connection"[^>]*>idle</);
      const start = await fetch(`${origin}/?${query()}`);
      // A bare address leads to a run, and keeps what follows it.
      assert.match(start.url, /\/runs\//);
      assert.deepEqual([...new URL(start.url).searchParams], [...new URLSearchParams(query())]);
      await joinsAndGrafts(browser, origin + path(), 'angular-ssr');
      assert.deepEqual(program.lines, [origin]);
    });
  });
});
