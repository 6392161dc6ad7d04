import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packInto } from '../../../src/web/pack.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Both packages as `npm run pack` makes them, and fresh projects outside of the repository, which have them installed. */
class Packages {
  #folder = mkdtempSync(join(tmpdir(), 'collab-packages-js-'));
  /** The files, by name: `client` and `angular`. */
  files = packInto(join(this.#folder, 'packed'));

  /** A copy of an example, as its readers start from it, with the packages in place of the registry's. */
  install(example, ...names) {
    const folder = join(this.#folder, example);
    cpSync(join(root, 'docs/examples', example), folder, {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist|\.angular)$/.test(path),
    });
    const files = names.map((name) => this.files[name]);
    run(folder, 'npm', 'install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...files);
    return folder;
  }

  /** Puts a project of this suite into one that is installed already: what that has, it finds. */
  add(project, into) {
    const folder = join(into, project);
    cpSync(fileURLToPath(new URL(`../projects/${project}`, import.meta.url)), folder, { recursive: true });
    return folder;
  }

  close = () => rmSync(this.#folder, { recursive: true, force: true });
}

export const packages = new Packages();
process.once('exit', packages.close);

/** Runs a command to its end. What it says is shown where it fails. */
export function run(folder, command, ...args) {
  try {
    execFileSync(command, args, { cwd: folder, env: { ...process.env, NG_CLI_ANALYTICS: 'false' }, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`);
  }
}
