// Builds the page that the server serves, and before that installs what it needs. The server's own build calls this; several at the
// same time take turns, and who has waited finds the work done.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname;
const lock = join(root, '.angular/page-lock');
const startedAt = Date.now();
/** A build takes a minute or two. What is older, in ms, was left behind by one that was killed. */
const abandonedAfter = 10 * 60_000;

await takeLock();
try {
  if (changedAt('demo/dist/index.html') < startedAt) build();
} finally {
  rmdirSync(lock);
}

function build() {
  if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) npm('ci', '--no-audit', '--no-fund');
  npm('run', 'build', '--workspace', 'demo');
}

function npm(...args) {
  const env = { ...process.env, NG_CLI_ANALYTICS: 'false' };
  execFileSync('npm', args, { cwd: root, env, stdio: 'inherit', shell: process.platform === 'win32' });
}

/** Unix ms; 0 for what is not there. */
function changedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function takeLock() {
  mkdirSync(join(root, '.angular'), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const age = Date.now() - changedAt('.angular/page-lock');
    if (age > abandonedAfter && age < Date.now()) rmdirSync(lock);
    else await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
