import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A TCP connection between client and server that can be cut off, or made deaf in one direction. */
export class Proxy {
  #links = new Set();
  #swallowsAnswers = false;
  #isDown = false;
  #listener;

  static async to(server) {
    const proxy = new Proxy();
    proxy.#listener = createServer((client) => proxy.#link(client, server.port));
    proxy.#listener.listen(0, '127.0.0.1');
    await once(proxy.#listener, 'listening');
    return proxy;
  }

  get port() {
    return this.#listener.address().port;
  }

  /** Destroys every connection. New ones get through again, with their answers. */
  cut() {
    this.#swallowsAnswers = false;
    for (const socket of this.#links) socket.destroy();
  }

  /**
   * Destroys every connection, and each new one too until the promise is settled. A client that polls is between two requests at times, and would
   * not notice a mere {@link cut} then, only that what it was sending is lost.
   */
  async cutUntil(noticed) {
    this.#isDown = true;
    this.cut();
    try {
      await noticed;
    } finally {
      this.#isDown = false;
    }
  }

  /** From now on what the client sends arrives, and what the server answers does not, until the next cut. */
  swallowAnswers() {
    this.#swallowsAnswers = true;
  }

  close() {
    this.#listener.close();
    this.cut();
  }

  #link(client, port) {
    if (this.#isDown) return client.destroy();
    const server = connect(port, '127.0.0.1');
    client.pipe(server);
    server.on('data', (bytes) => {
      if (!this.#swallowsAnswers && !client.destroyed) client.write(bytes);
    });
    for (const [socket, other] of [[client, server], [server, client]]) {
      this.#links.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#links.delete(socket);
        other.destroy();
      });
    }
  }
}
