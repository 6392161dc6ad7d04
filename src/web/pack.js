// Packs @collab/client and @collab/angular into artifacts/ at the root, or into the folder named on the command line, as `dotnet pack` does with the
// NuGet packages: the same version, the licence inside, and the repository is git's origin, where there is one.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';

const web = import.meta.dirname;
const root = resolve(web, '../..');
const version = /<Version>(.+)<\/Version>/.exec(readFileSync(join(root, 'Directory.Build.props'), 'utf8'))[1];
const repository = addressOf(origin());

if (process.argv[1] === import.meta.filename) packInto(resolve(process.argv[2] ?? join(root, 'artifacts')));

/** Builds and packs both. Returns their files by name. */
export function packInto(destination) {
  run('npm', 'run', 'build', '--workspace', 'client', '--workspace', 'angular');
  mkdirSync(destination, { recursive: true });
  return {
    client: pack(destination, 'client', 'client', ['dist']),
    angular: pack(destination, 'angular', 'angular/dist', ['fesm2022', 'types']),
  };
}

/**
 * @param source Its folder in src/web.
 * @param built What is published, as package.json means it.
 * @param files What of that is taken along.
 */
function pack(destination, source, built, files) {
  const folder = mkdtempSync(join(tmpdir(), `collab-${source}-`));
  try {
    for (const name of files) cpSync(join(web, built, name), join(folder, name), { recursive: true });
    cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
    const directory = `src/web/${source}`;
    writeFileSync(join(folder, 'README.md'), standingAlone(readFileSync(join(web, source, 'README.md'), 'utf8'), directory));
    const description = published(JSON.parse(readFileSync(join(web, built, 'package.json'), 'utf8')), directory);
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
    run('npm', 'pack', folder, '--pack-destination', destination, '--loglevel=error');
    return join(destination, `collab-${source}-${version}.tgz`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A package.json without what only this repository needs. */
function published(description, directory) {
  const peers = description.peerDependencies;
  return {
    ...description,
    version,
    // JSON leaves out what is undefined.
    scripts: undefined,
    devDependencies: undefined,
    ...(peers && { peerDependencies: { ...peers, '@collab/client': `^${version}` } }),
    ...(repository && {
      repository: { type: 'git', url: `git+${repository}.git`, directory },
      homepage: `${repository}/blob/HEAD/${directory}/README.md`,
      bugs: { url: `${repository}/issues` },
    }),
  };
}

/** A page whose links lead to the repository; words where it is not known which. */
function standingAlone(page, directory) {
  return page.replace(/\[([^\]]+)\]\((?![a-z]+:|#)([^)]+)\)/g, (_, words, path) =>
    repository ? `[${words}](${repository}/blob/HEAD/${posix.join(directory, path)})` : words,
  );
}

/** What a browser opens, for git's own ways to write it: `git@host:owner/name.git`, `ssh://git@host/owner/name`, `https://user@host/owner/name.git`. */
function addressOf(remote) {
  const [, host, path] =
    /^(?:(?:ssh|https?|git):\/\/)?(?:[^@/]+@)?([\w.-]+\.[a-z]+)(?::\d+(?=\/))?[:/]\/?(.+?)(?:\.git)?\/?$/i.exec(remote) ?? [];
  return host === undefined ? null : `https://${host}/${path}`;
}

function origin() {
  try {
    return execFileSync('git', ['remote', 'get-url', 'origin'], { cwd: web, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

function run(command, ...args) {
  const env = { ...process.env, NG_CLI_ANALYTICS: 'false' };
  execFileSync(command, args, { cwd: web, env, stdio: 'inherit', shell: process.platform === 'win32' });
}
