import { randomUUID } from 'node:crypto';
import { HttpTransportType, HubConnectionBuilder, HubConnectionState, JsonHubProtocol, LogLevel } from '@microsoft/signalr';
import { tokenFor } from './token.js';
import { Watched } from './watched.js';

/**
 * A user of a run, with the official client and what the protocol asks of every client: join again from the last number seen, drop what was
 * seen before, and send again, with the same id and in the same order, what was not acknowledged.
 */
export class Participant extends Watched {
  /** Critical events in the order in which they came, each once. */
  events = [];
  /** Ephemeral events. */
  ephemeral = [];
  /** The answers to JoinRun, one for each time that the connection was made. */
  joins = [];
  /** Acknowledgements by message id. */
  acknowledged = new Map();
  /** What went against the promises: a gap, another epoch, a refusal. */
  faults = [];

  #unacknowledged = new Map();
  #window;
  #beforeJoin = [];
  #joined = false;

  constructor(target, user, runId, { access, transport, protocol } = {}) {
    super();
    this.user = user;
    this.runId = runId;
    // Over long polling each call is a request: one can be lost, and a later one of the same connection still arrive.
    this.#window = transport === HttpTransportType.LongPolling ? 1 : 8;
    this.connection = new HubConnectionBuilder()
      .withUrl(`http://127.0.0.1:${target.port}/hubs/collaboration`, {
        accessTokenFactory: () => tokenFor(user, access),
        transport: transport ?? HttpTransportType.WebSockets,
      })
      .withHubProtocol(protocol ?? new JsonHubProtocol())
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 50 })
      .configureLogging(LogLevel.None)
      .build();
    this.connection.on('ReceiveEvents', (run, events) => this.#receive(run, events));
    this.connection.onreconnecting(() => {
      this.#joined = false;
      this.changed();
    });
    this.connection.onreconnected(() => this.#join());
  }

  /** Connects to the server, or to a proxy before it, and joins the run. */
  static async join(target, user, runId, options) {
    const participant = new Participant(target, user, runId, options);
    await participant.connection.start();
    await participant.#join();
    return participant;
  }

  get lastSequence() {
    return this.events.at(-1)?.sequenceNumber ?? 0;
  }

  call(method, ...args) {
    return this.connection.invoke(method, this.runId, ...args);
  }

  /** Publishes a flag, now or when the connection is back. Returns the message id; see {@link acknowledged} for what became of it. */
  flag(note) {
    const messageId = randomUUID();
    const data = { stepId: this.user, note };
    this.#unacknowledged.set(messageId, data);
    if (this.#joined) this.#send(messageId, data);
    return messageId;
  }

  /** Publishes one flag after the other, never more than a few unacknowledged, and ends when all are acknowledged. */
  async flagAll(notes) {
    for (const note of notes) {
      await this.until('room for one more', () => this.#unacknowledged.size < this.#window);
      this.flag(note);
    }
    await this.until('everything acknowledged', () => this.#unacknowledged.size === 0);
  }

  has(count) {
    return this.until(`${count} events`, () => this.events.length >= count);
  }

  hasJoined(times) {
    return this.until(`${times} joins`, () => this.joins.length >= times);
  }

  isCutOff() {
    return this.until('the connection lost', () => this.connection.state !== HubConnectionState.Connected);
  }

  describe() {
    const faults = this.faults.length > 0 ? ` Faults: ${this.faults.slice(0, 5).join(', ')}` : '';
    return `${this.user} is ${this.connection.state}, has ${this.events.length} events and ${this.#unacknowledged.size} unacknowledged.${faults}`;
  }

  async close() {
    await this.connection.stop();
  }

  async #join() {
    let answer;
    try {
      answer = await this.call('JoinRun', this.lastSequence);
    } catch (error) {
      this.#noteRefusal(error);
      return; // Cut off again: the next reconnect joins.
    }
    if (this.joins.length > 0 && answer.epoch !== this.joins[0].epoch) this.faults.push(`epoch ${answer.epoch}`);
    this.joins.push(answer);
    this.#joined = true;
    answer.events.forEach((event) => this.#place(event));
    this.#beforeJoin.splice(0).forEach((event) => this.#place(event));
    for (const [messageId, data] of this.#unacknowledged) this.#send(messageId, data);
    this.changed();
  }

  /** The answer to a join and what follows it can come in one message, whose events are then here before the answer's `await` has returned. */
  #receive(runId, events) {
    if (runId !== this.runId) return;
    if (!this.#joined) this.#beforeJoin.push(...events);
    else events.forEach((event) => this.#place(event));
    this.changed();
  }

  #place(event) {
    if (!event.isCritical) this.ephemeral.push(event);
    else if (event.sequenceNumber === this.lastSequence + 1) this.events.push(event);
    else if (event.sequenceNumber > this.lastSequence) this.faults.push(`${event.sequenceNumber} after ${this.lastSequence}`);
  }

  async #send(messageId, data) {
    try {
      const answer = await this.call('Flag', data, messageId);
      this.#unacknowledged.delete(messageId);
      this.acknowledged.set(messageId, answer);
      this.changed();
    } catch (error) {
      this.#noteRefusal(error); // Else the connection was lost on the way: sent again after the next join.
    }
  }

  #noteRefusal(error) {
    if (error.message.startsWith('[')) this.faults.push(error.message);
  }
}
