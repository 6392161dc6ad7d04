const LATER = [429, 502, 503, 504];
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A run by plain HTTP and server-sent events. The browser adds the cookie by itself, and a page of another site gets nowhere with it. */
export class Run {
  #path;
  #show;
  #stream = null;
  #epoch = null;
  #position = 0;
  #sentences = [];

  constructor(id, show) {
    this.id = id;
    this.#path = `/live/runs/${encodeURIComponent(id)}/collaboration`;
    this.#show = show;
  }

  /** Begins to follow; false: there is no right to. */
  async open() {
    const answer = await fetch(`${this.#path}/poll?afterSequence=${this.#position}`).catch(() => null);
    if (answer && !answer.ok && !LATER.includes(answer.status)) {
      this.#show.onTrouble((await answer.json()).detail);
      return false;
    }
    this.#show.onEvents(this.#sentences);
    this.#follow();
    return true;
  }

  close() {
    this.#stream?.close();
    this.#stream = null;
  }

  /** Sent under one id until there is an answer: if only the answer is lost, the event is stored once all the same. */
  async publish(eventType, data) {
    const body = JSON.stringify({ eventType, data, messageId: crypto.randomUUID() });
    for (let attempt = 1; ; attempt++) {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(`${this.#path}/events`, { method: 'POST', headers, body }).catch(() => null);
      if (answer?.ok) return;
      if (answer && !LATER.includes(answer.status)) throw new Error((await answer.json()).detail);
      if (attempt === 6) throw new Error('The server does not answer.');
      await wait(Math.random() * 500 * 2 ** attempt);
    }
  }

  #follow() {
    const stream = (this.#stream = new EventSource(`${this.#path}/stream?afterSequence=${this.#position}`));
    stream.addEventListener('run', ({ data }) => {
      const { epoch } = JSON.parse(data);
      const isAnotherLog = this.#epoch && epoch !== this.#epoch;
      this.#epoch = epoch;
      if (!isAnotherLog) return void this.#showPeople();
      // The run was erased, and begins again.
      [this.#position, this.#sentences] = [0, []];
      void this.#again(0);
    });
    stream.addEventListener('message', ({ data }) => this.#take(JSON.parse(data)));
    stream.addEventListener('end', ({ data }) => {
      const { message, allowReconnect } = JSON.parse(data);
      this.#show.onTrouble(message);
      if (!allowReconnect) this.close();
    });
    // After a break the browser comes back by itself, behind the last event that it has. After a refusal it does not.
    stream.addEventListener('error', () => stream.readyState === EventSource.CLOSED && this.#again(3000));
  }

  async #again(ms) {
    const ended = this.#stream;
    ended?.close();
    await wait(ms);
    if (ended && ended === this.#stream) await this.open();
  }

  #take(event) {
    if (!event.isCritical) return void (event.eventType.startsWith('USER_') && this.#showPeople());
    if (event.sequenceNumber <= this.#position) return;
    this.#position = event.sequenceNumber;
    const { eventType, data, userName, userId } = event;
    const what = eventType === 'GRAFT' ? `grafted ${data.agentName} after ${data.after}` : `${eventType} ${JSON.stringify(data)}`;
    this.#sentences.unshift(`${userName ?? userId} ${what}`);
    this.#show.onEvents(this.#sentences);
  }

  async #showPeople() {
    const answer = await fetch(`${this.#path}/poll?afterSequence=${this.#position}`).catch(() => null);
    if (!answer?.ok) return;
    const { activeUsers, userNames } = await answer.json();
    this.#show.onPeople(activeUsers.map((id) => userNames?.[id] ?? id));
  }
}
