import { expect } from 'vitest';
import { CollabError, RunConnection, type RunConnectionOptions, type RunSnapshot } from '../../src/index.js';
import { withSeams, type Seams } from '../../src/testing.js';
import { FakeClock, settle } from '../kit/fake-clock.js';
import { FakeServer, type HttpAnswer, type Request } from '../kit/fake-server.js';
import { FakePage, MemoryStorage } from '../kit/stores.js';
import { idOf, tokenOf } from '../kit/token.js';
import type { AnswerStep, EventText, Expectation, RunText, Scenario, Step } from './scenario.js';
import { answer, events, longId, numbers, runId, shortId, usualState } from './shorthand.js';

interface Published {
  readonly eventType: string;
  readonly messageId: string | null;
  readonly basedOnSequence?: number;
}

type Surroundings = Pick<RunConnectionOptions, 'storage'> & Omit<Seams, 'random'>;

/** A client, a server that says what the scenario says, and a clock. */
export class World {
  readonly #scenario: Scenario;
  readonly #storage = new MemoryStorage();
  readonly #session = new MemoryStorage();
  #clock = new FakeClock();
  #page = new FakePage();
  #server = new FakeServer();
  #client: RunConnection;
  #tokensAsked = 0;
  #delivered: { sequence: number; origin: string }[] = [];
  #ephemeral: string[] = [];
  #outcomes: Record<string, string | number> = {};
  #waits: Record<string, string> = {};
  readonly #givesUp: Record<string, AbortController> = {};
  /** The highest number that each connection was told of. */
  readonly #told = new Map<number, number>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#client = this.#newClient(this.#surroundings());
    this.#listen();
  }

  async run(): Promise<void> {
    for (const [index, step] of this.#scenario.steps.entries()) {
      try {
        await this.#take(step);
        await settle();
        await this.#answerPings();
      } catch (error) {
        throw new Error(`Step ${String(index + 1)}, ${JSON.stringify(step).slice(0, 200)}: ${String(error)}`, { cause: error });
      }
    }
    await this.#client.close();
    await settle();
    expect(this.#clock.pending, 'timers that run after the end').toBe(0);
  }

  #surroundings(): Surroundings {
    const { hub, fetch } = this.#server;
    return { clock: this.#clock, page: this.#page, storage: this.#storage, session: this.#session, hub, fetch };
  }

  #newClient({ storage, ...seams }: Surroundings): RunConnection {
    const options = {
      ...this.#scenario.options,
      ...(storage !== undefined && { storage }),
      runId,
      url: 'https://collab.test',
      token: () => this.#nextToken(),
      backoff: (attempt: number) => 100 * attempt,
    };
    return new RunConnection(withSeams(options, { ...seams, random: () => 1 }));
  }

  #listen(): void {
    this.#client.onEvent((event, origin) => {
      if (event.sequenceNumber === null) this.#ephemeral.push(`${event.eventType} ${event.userId}`);
      else this.#delivered.push({ sequence: event.sequenceNumber, origin });
    });
  }

  #nextToken(): string | Promise<string> {
    const tokens = this.#scenario.tokens ?? [{}];
    const text = tokens[Math.min(this.#tokensAsked, tokens.length - 1)] ?? {};
    this.#tokensAsked++;
    if (text === 'fails') throw new Error('No token now.');
    if (text === 'never') return new Promise(() => undefined);
    const expiresAt = text.expiresInMs === undefined ? null : this.#clock.now() + text.expiresInMs;
    return tokenOf(text.user ?? 'alice', expiresAt, this.#tokensAsked);
  }

  async #take(step: Step): Promise<void> {
    if ('connect' in step) this.#client.connect();
    else if ('retryNow' in step) this.#client.retryNow();
    else if ('close' in step) await this.#client.close();
    else if ('reload' in step) this.#reload(step.reload);
    else if ('otherPage' in step) await this.#otherPage(step.otherPage, step.ends);
    else if ('page' in step && !('answer' in step)) this.#happens(step.page);
    else if ('publish' in step) this.#publish(step.publish, step.eventType ?? 'FLAG', step.data ?? { stepId: 'S' }, step.basedOn);
    else if ('whenSeen' in step) this.#whenSeen(step.as, step.whenSeen, step.users);
    else if ('giveUp' in step) this.#givesUp[step.giveUp]?.abort(new Error('given up'));
    else if ('moveCursor' in step) this.#client.moveCursor(step.moveCursor);
    else if ('retry' in step) this.#client.retry(longId(step.retry));
    else if ('edit' in step) this.#client.edit(longId(step.edit), step.data as Record<string, unknown>);
    else if ('discard' in step) this.#client.discard(longId(step.discard));
    else if ('advance' in step) await this.#advance(step.advance);
    else if ('live' in step) await this.#goLive(step.live, step.connection);
    else if ('answer' in step) this.#answer(step);
    else if ('receive' in step) this.#receive(step.connection, events(step.receive));
    else if ('fingerprint' in step) this.#hub(step.connection).call('ReceiveFingerprint', runId, step.fingerprint);
    else if ('drop' in step) this.#hub(step.drop).drop(step.error);
    else if ('requests' in step) this.#checkRequests(step.requests);
    else this.#check(step.expect);
  }

  #reload(how: 'orderly' | 'crash'): void {
    if (how === 'orderly') this.#page.tell('hide');
    this.#clock = new FakeClock(this.#clock.monotonic());
    this.#page = new FakePage();
    this.#server = new FakeServer();
    this.#delivered = [];
    this.#ephemeral = [];
    this.#outcomes = {};
    this.#waits = {};
    this.#client = this.#newClient(this.#surroundings());
    this.#listen();
  }

  /** Once it has ended its clock stands still. */
  async #otherPage(ids: readonly string[], ends: 'orderly' | 'crash'): Promise<void> {
    const [clock, page, server] = [new FakeClock(this.#clock.monotonic()), new FakePage(), new FakeServer()];
    const session = new MemoryStorage();
    const other = this.#newClient({ clock, page, storage: this.#storage, session, hub: server.hub, fetch: server.fetch });
    other.connect();
    for (const id of ids) void other.publish('FLAG', { stepId: 'S' }, longId(id));
    await settle();
    if (ends === 'orderly') page.tell('hide');
  }

  #happens(what: 'resume' | 'online' | 'offline' | 'hide'): void {
    this.#page.online = what === 'online' || (what !== 'offline' && this.#page.online);
    this.#page.tell(what === 'online' ? 'resume' : what);
  }

  #publish(id: string, eventType: string, data: object, basedOn: number | undefined): void {
    this.#client.publish(eventType, data as Record<string, unknown>, longId(id), basedOn).then(
      (ack) => {
        this.#outcomes[id] = ack.duplicate ? `duplicate of ${String(ack.sequenceNumber)}` : (ack.sequenceNumber ?? 'sent');
      },
      (error: unknown) => {
        this.#outcomes[id] = error instanceof CollabError ? error.code : String(error);
      },
    );
  }

  #whenSeen(name: string, sequence: number, users: readonly string[] | undefined): void {
    const { signal } = (this.#givesUp[name] = new AbortController());
    this.#client.whenSeen(sequence, users, { signal }).then(
      () => (this.#waits[name] = 'seen'),
      (error: unknown) => (this.#waits[name] = error instanceof CollabError ? error.code : (error as Error).message),
    );
  }

  async #advance(ms: number): Promise<void> {
    // In small steps, so that pings are answered while time passes.
    let left = ms;
    do {
      await this.#clock.advance(Math.min(left, 500));
      await this.#answerPings();
      left -= 500;
    } while (left > 0);
  }

  async #goLive(run: RunText, connection: number | undefined): Promise<void> {
    const which = connection === undefined ? {} : { connection };
    this.#answer({ answer: 'open', ...which });
    await settle();
    this.#answer({ answer: 'JoinRun', run, ...which });
  }

  #answer(step: AnswerStep): void {
    const request = this.#server.take((r) => r.name === step.answer && (step.connection ?? r.connection) === r.connection);
    if (request === undefined)
      throw new Error(`Nothing waits for that. Waiting: ${this.#server.waiting.map((r) => this.#show(r)).join(', ')}`);
    if (step.fails === true) request.reject(new Error('The network failed.'));
    else if (step.error !== undefined) request.reject(new Error(step.error));
    else if (request.connection === 0) request.resolve(this.#httpAnswer(step, request));
    else request.resolve(this.#result(step, request));
  }

  #httpAnswer(step: AnswerStep, request: Request): HttpAnswer {
    if (step.page !== undefined) return { status: 200, body: step.page };
    if (step.problem === undefined) return { status: step.ack?.duplicate === false ? 201 : 200, body: this.#result(step, request) };
    const { status, code, retryAfter, events: list } = step.problem;
    const body = code === undefined ? '<h1>Bad gateway</h1>' : { status, code, detail: 'No.', ...(list && { events: named(list) }) };
    return { status, body, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }

  #result(step: AnswerStep, request: Request): unknown {
    switch (request.name) {
      case 'open':
      case 'MoveCursor':
        return undefined;
      case 'JoinRun':
      case 'poll': {
        const { state, ...run } = answer(step.run ?? {});
        this.#tell(request.connection, Number(run['lastSequence']));
        return request.name === 'poll' ? run : { ...run, state };
      }
      case 'state':
        return typeof step.state === 'number' ? usualState(step.state) : step.state;
      case 'Ping':
        return {
          clientTimestamp: 0,
          serverTimestamp: 0,
          lastSequences: typeof step.lastSequence === 'number' ? { [runId]: step.lastSequence } : {},
          ...(step.seen !== undefined && { seen: { [runId]: step.seen } }),
        };
      case 'Publish':
        return this.#ack(request.details[2], step.ack);
      case 'post':
        return this.#ack(this.#publishedBy(request.name, request.details)[0]?.messageId, step.ack);
      default:
        return this.#publishedBy(request.name, request.details).map(({ messageId }, index) => {
          const result = step.results?.[index];
          return result !== undefined && 'code' in result
            ? { error: { message: 'No.', ...result, ...(result.events && { events: named(result.events) }) } }
            : { ack: this.#ack(messageId, result) };
        });
    }
  }

  #receive(connection: number, list: ReturnType<typeof events>): void {
    for (const { sequenceNumber } of list) this.#tell(connection, sequenceNumber ?? 0);
    this.#hub(connection).call('ReceiveEvents', runId, list);
  }

  #tell(connection: number, last: number): void {
    this.#told.set(connection, Math.max(last, this.#told.get(connection) ?? 0));
  }

  #hub(number: number) {
    const hub = this.#server.hubs[number - 1];
    if (hub === undefined) throw new Error(`There is no connection ${String(number)}.`);
    return hub;
  }

  async #answerPings(): Promise<void> {
    if (this.#scenario.pings === 'manual') return;
    for (let ping = this.#takePing(); ping !== undefined; ping = this.#takePing()) {
      ping.resolve({ lastSequences: { [runId]: this.#told.get(ping.connection) ?? 0 } });
      await settle();
    }
  }

  #takePing(): Request | undefined {
    return this.#server.take((request) => request.name === 'Ping');
  }

  #checkRequests(expected: readonly string[]): void {
    const asked = this.#server.asked.filter((request) => request.name !== 'Ping' || this.#scenario.pings === 'manual');
    this.#server.asked = [];
    expect(asked.map((request) => this.#show(request))).toEqual(expected);
  }

  #show(request: Request): string {
    const words = [request.name, ...(request.connection === 0 ? [] : [request.connection]), ...this.#detailsOf(request)];
    if (this.#scenario.tokens !== undefined && (request.name === 'open' || request.connection === 0))
      words.push(`t${String(idOf(request.token))}`);
    return words.map(String).join(' ');
  }

  #detailsOf({ name, details }: Request): unknown[] {
    if (name === 'Ping') return details.slice(2).map((seen) => `seen ${String((seen as Record<string, number>)[runId])}`);
    if (name === 'poll') return [details[0], ...details.slice(1).map((seen) => `seen ${String(seen)}`)];
    if (name === 'Publish') return [details[0], shortId(details[2] as string)];
    const published = this.#publishedBy(name, details);
    return published.length === 0 ? [...details] : published.flatMap(shown);
  }

  #publishedBy(name: string, details: readonly unknown[]): readonly Published[] {
    if (name === 'post') return [details[0] as Published];
    if (name === 'batch') return (details[0] as { events: Published[] }).events;
    return name === 'PublishBatch' ? (details[0] as Published[]) : [];
  }

  #ack(messageId: unknown, text: object | undefined): object {
    return { messageId, sequenceNumber: null, timestamp: 0, duplicate: false, ...text };
  }

  #check(expected: Expectation): void {
    const seen = this.#seen(this.#client.snapshot);
    for (const [name, value] of Object.entries(expected)) {
      const isList = ['delivered', 'replayed', 'events'].includes(name);
      const wanted: unknown = isList ? numbers(value as number[]) : value;
      if (name === 'health') expect(seen[name], name).toMatchObject(wanted as object);
      else expect(seen[name], name).toEqual(wanted);
    }
  }

  #seen(snapshot: RunSnapshot): Record<string, unknown> {
    const { connection, reason, epoch, events: kept, pending, conflicts, ...rest } = snapshot;
    return {
      ...rest,
      connection: connection.kind,
      reason: reason?.code ?? null,
      error: connection.kind === 'closed' ? (connection.error?.code ?? null) : undefined,
      attempt: connection.kind === 'reconnecting' ? connection.attempt : undefined,
      retryInMs:
        connection.kind !== 'reconnecting' ? undefined : connection.retryAt === null ? null : connection.retryAt - this.#clock.now(),
      probing: connection.kind === 'polling' ? connection.probing : undefined,
      reachable: connection.kind === 'polling' ? connection.reachable : undefined,
      epoch: shortId(epoch),
      delivered: this.#delivered.map((event) => event.sequence),
      replayed: this.#delivered.filter((event) => event.origin === 'replayed').map((event) => event.sequence),
      ephemeral: this.#ephemeral,
      events: kept.map((event) => event.sequenceNumber),
      conflicts: conflicts.map((send) => [shortId(send.messageId), send.error?.events.map((event) => event.sequenceNumber)]),
      pending: pending.map((send) => [shortId(send.messageId), send.status]),
      outcomes: this.#outcomes,
      waits: this.#waits,
    };
  }
}

/** What is published, and what it is based on. */
function shown({ eventType, messageId, basedOnSequence }: Published): unknown[] {
  return [eventType, shortId(messageId), ...(basedOnSequence === undefined ? [] : [`@${String(basedOnSequence)}`])];
}

/** Events that have the ids of publishes. */
function named(list: readonly EventText[]): object[] {
  return events(list).map((event) => ({ ...event, messageId: longId(event.messageId ?? 'm999') }));
}
