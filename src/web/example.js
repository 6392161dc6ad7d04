// Starts an example of docs/examples with the packages as they are published: `node src/web/example.js react`. What comes behind the name goes to the
// example. It packs and installs first what was changed since.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packInto } from './pack.js';

const web = import.meta.dirname;
const root = resolve(web, '../..');
const [name = '', ...args] = process.argv.slice(2);
const folder = join(root, 'docs/examples', name);
if (name === '' || !existsSync(join(folder, 'package.json'))) refuse('Which example? One of angular, node-bot and react.');

if (changedAt(join(web, 'node_modules/.package-lock.json')) < changedAt(join(web, 'package-lock.json'))) {
  run('npm', ['ci', '--no-audit', '--no-fund'], web);
}
const { client, angular } = packInto(join(root, 'artifacts'));
const files = name === 'angular' ? [client, angular] : [client];
// The example's own package.json and lock stay as they are: they name the packages as a registry would.
run('npm', ['install', '--no-save', '--no-audit', '--no-fund', ...files], folder);
run('npm', ['start', '--', ...args], folder);

/** Unix ms; 0 for what is not there. */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** What it prints is the answer, and its code is ours: nothing is said of it here. */
function run(command, commandArgs, cwd) {
  const env = { ...process.env, NG_CLI_ANALYTICS: 'false' };
  const { status, error } = spawnSync(command, commandArgs, { cwd, env, stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) refuse(`${command} cannot be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}
