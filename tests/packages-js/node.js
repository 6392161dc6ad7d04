import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import typescript from 'typescript';
import { Server } from '../signalr-js/kit/server.js';
import { packages } from './kit/packages.js';
import { Program } from './kit/program.js';

// The bot of docs/examples/node-bot, in a fresh project with the packed client.

let bot;
let server;
let address;
before(async () => {
  bot = packages.install('node-bot', 'client');
  server = await Server.start(undefined, { ASPNETCORE_ENVIRONMENT: 'Development' });
  address = `http://127.0.0.1:${server.port}`;
});
after(async () => {
  await server?.close();
});

async function publish(runId, eventType, data) {
  const { token } = await (await fetch(`${address}/dev/token?user=ana`)).json();
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${address}/api/runs/${runId}/collaboration/events`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ eventType, data }),
  });
  assert.ok(answer.ok, String(answer.status));
}

/** It is live over a WebSocket, flags and grafts by its rules, and ends when it is asked to. */
async function followsAndAnswers(folder, file, ...flags) {
  const runId = randomUUID();
  const [first, ...rest] = [...flags, file, runId, address];
  const program = new Program(folder, first, rest);
  try {
    await program.line(/^(live|polling)$/);
    await publish(runId, 'PRUNE', { stepId: 'SRE', isPruned: true });
    await program.line(/^#\d+ flag SRE$/);
    await program.line(/^#\d+ smoke test$/);
    assert.equal(await program.end(), 0);
    assert.ok(program.lines.includes('live') && !program.lines.includes('polling'), program.lines.join('\n'));
    assert.equal(program.lines.at(-1), 'closed');
  } finally {
    await program.kill();
  }
}

test('The bot follows a run and answers by its rules', () => followsAndAnswers(bot, 'bot.js'));

for (const format of ['esm', 'cjs']) {
  test(`Bundled by esbuild (${format}) it reaches the WebSocket too`, async () => {
    const outfile = join(bot, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
    const { warnings } = await build({
      absWorkingDir: bot,
      entryPoints: ['bot.js'],
      bundle: true,
      platform: 'node',
      format,
      minify: true,
      outfile,
    });
    assert.deepEqual(warnings, []);
    await followsAndAnswers(bot, outfile);
  });
}

test('A bundle that was taken elsewhere uses the WebSocket of Node itself', async () => {
  const elsewhere = join(bot, '../elsewhere');
  mkdirSync(elsewhere);
  await build({
    absWorkingDir: bot,
    entryPoints: ['bot.js'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(elsewhere, 'bot.mjs'),
  });
  await followsAndAnswers(elsewhere, 'bot.mjs', '--experimental-websocket');
});

for (const [module, moduleResolution] of [
  ['Node16', 'Node16'],
  ['NodeNext', 'NodeNext'],
  ['ESNext', 'Bundler'],
]) {
  test(`Its types are found by module resolution ${moduleResolution}`, () => {
    const folder = join(bot, 'types');
    cpSync(new URL('projects/types', import.meta.url), folder, { recursive: true });
    const program = typescript.createProgram([join(folder, 'page.ts')], {
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      module: typescript.ModuleKind[module],
      moduleResolution: typescript.ModuleResolutionKind[moduleResolution],
      target: typescript.ScriptTarget.ES2022,
      types: [],
    });
    assert.deepEqual(
      typescript.getPreEmitDiagnostics(program).map((d) => typescript.flattenDiagnosticMessageText(d.messageText, '\n')),
      [],
    );
  });
}
