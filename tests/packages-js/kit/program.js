import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program of Node's, whose lines can be awaited. */
export class Program {
  #process;
  #waiting = new Set();
  /** What it has said. */
  lines = [];
  /** Its exit code. */
  exited;

  constructor(folder, file, args = [], env = {}) {
    this.#process = spawn(process.execPath, [file, ...args], {
      cwd: folder,
      env: { ...process.env, NG_CLI_ANALYTICS: 'false', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    process.once('exit', this.#kill);
    const ended = [this.#process.stdout, this.#process.stderr].map((input) => {
      const reader = createInterface({ input }).on('line', (line) => this.#hear(line));
      return once(reader, 'close');
    });
    this.exited = once(this.#process, 'exit').then(async ([code]) => {
      await Promise.all(ended);
      for (const waiting of this.#waiting) waiting.fail(new Error(`It ended with ${code}, and had said:\n${this.lines.join('\n')}`));
      return code;
    });
  }

  /** The first line that matches, of those that it has said or will say. */
  line(pattern) {
    for (const line of this.lines) if (pattern.test(line)) return Promise.resolve(pattern.exec(line));
    return new Promise((resolve, reject) => {
      const waiting = {
        hear: (line) => {
          const match = pattern.exec(line);
          if (match === null) return;
          this.#waiting.delete(waiting);
          resolve(match);
        },
        fail: reject,
      };
      this.#waiting.add(waiting);
    });
  }

  /** Asks it to end, as Ctrl+C does. */
  end() {
    this.#process.kill('SIGTERM');
    return this.exited;
  }

  async kill() {
    process.removeListener('exit', this.#kill);
    this.#kill();
    await this.exited;
  }

  #kill = () => this.#process.kill('SIGKILL');

  #hear(line) {
    this.lines.push(line);
    for (const waiting of [...this.#waiting]) waiting.hear(line);
  }
}
