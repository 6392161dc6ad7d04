import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binaries = fileURLToPath(new URL('../Collab.EmbeddedSample/bin/', import.meta.url));

/** Starts the built sample on a free port, with its SQLite file in a folder of its own. */
export async function startApplication() {
  const folder = mkdtempSync(join(tmpdir(), 'collab-openapi-'));
  const application = spawn('dotnet', [newestAssembly(), '--urls', 'http://127.0.0.1:0'], {
    cwd: folder,
    env: { ...process.env, ASPNETCORE_ENVIRONMENT: 'Development' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => application.kill('SIGKILL');
  process.once('exit', kill);
  return {
    address: await listening(application),
    async close() {
      process.removeListener('exit', kill);
      const exited = once(application, 'exit');
      kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(application) {
  for await (const line of createInterface({ input: application.stdout })) {
    const address = /Now listening on: (http:\/\/127\.0\.0\.1:\d+)/.exec(line);
    if (!address) continue;
    application.stdout.resume();
    return address[1];
  }
  throw new Error('The application did not start.');
}

function newestAssembly() {
  const built = ['Release', 'Debug'].map((name) => join(binaries, name, 'net10.0', 'Collab.EmbeddedSample.dll')).filter((path) => existsSync(path));
  if (built.length === 0) throw new Error('Build tests/Collab.EmbeddedSample first.');
  return built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}
