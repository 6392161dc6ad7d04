import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { signingKey } from './token.js';

const binaries = fileURLToPath(new URL('../../../src/Collab.Server/bin/', import.meta.url));

/** The built server as a process, with its SQLite file in a folder of its own. It can be killed and started again on the same port. */
export class Server {
  #folder = mkdtempSync(join(tmpdir(), 'collab-signalr-js-'));
  #limits;
  #settings;
  #process;
  #output = [];

  port = 0;

  constructor(limits, settings) {
    this.#limits = limits;
    this.#settings = settings;
  }

  /**
   * @param limits `Collab:Limits` by name; without them nobody is held back for publishing fast.
   * @param settings What else is in its environment; in `Development` without a key it hands out tokens.
   */
  static async start(
    limits = { PublishPerSecond: 0, PublishPerMinute: 0 },
    settings = { ASPNETCORE_ENVIRONMENT: 'Production', Collab__Auth__SigningKey: signingKey },
  ) {
    const server = new Server(limits, settings);
    await server.startAgain();
    return server;
  }

  async startAgain() {
    this.#process = spawn('dotnet', [newestAssembly(), '--urls', `http://127.0.0.1:${this.port}`], {
      cwd: this.#folder,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', this.#kill);
    this.port = await this.#listening();
  }

  /** Ends it without a last word. */
  async kill() {
    process.removeListener('exit', this.#kill);
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#kill();
    await exited;
  }

  async close() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #kill = () => this.#process.kill('SIGKILL');

  #environment() {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(Collab__|ConnectionStrings__|ASPNETCORE_|DOTNET_ENVIRONMENT$|URLS$)/i.test(name));
    const limits = Object.entries(this.#limits).map(([name, value]) => [`Collab__Limits__${name}`, String(value)]);
    return { ...Object.fromEntries([...inherited, ...limits]), ...this.#settings };
  }

  async #listening() {
    for await (const line of createInterface({ input: this.#process.stdout })) {
      this.#output.push(line);
      const address = /Now listening on: http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (!address) continue;
      this.#process.stdout.resume();
      return Number(address[1]);
    }
    throw new Error(`The server did not start:\n${this.#output.join('\n')}`);
  }
}

function newestAssembly() {
  const built = ['Release', 'Debug'].map((name) => join(binaries, name, 'net10.0', 'Collab.Server.dll')).filter((path) => existsSync(path));
  if (built.length === 0) throw new Error('Build src/Collab.Server first.');
  return built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}
