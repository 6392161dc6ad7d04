import { inject, Injectable } from '@angular/core';
import { Branch, CollaborationEvent, PipelineState, RunSummary } from '@collab/client';
import { readState } from '@collab/client/wire';
import { Access } from '../identity/access';
import { serverAddress } from './address';
import { HttpError, request } from './request';

/** A run in the list; the page has no use for its epoch. */
export type ListedRun = Omit<RunSummary, 'epoch' | 'ended'> & {
  /** Whether the run has ended; absent where it goes on. */
  readonly ended?: boolean;
};

/** A page of runs; `nextCursor` asks for the one after it. */
export interface RunsPage {
  readonly runs: readonly ListedRun[];
  readonly nextCursor: string | null;
}

/** The server's HTTP API, as far as the page needs it besides the connection of a run. */
@Injectable({ providedIn: 'root' })
export class RunsApi {
  private readonly access = inject(Access);

  /** Runs, newest activity first. */
  list(cursor: string | null = null, limit = 20): Promise<RunsPage> {
    return this.get(`api/runs?limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
  }

  /** The newest `count` kept events of a run, ascending. */
  async recent(run: ListedRun, count: number): Promise<readonly CollaborationEvent[]> {
    const after = Math.max(0, run.lastSequence - count);
    const { events } = await this.get<{ events: readonly CollaborationEvent[] }>(
      `api/runs/${run.runId}/collaboration/replay?afterSequence=${after}&limit=${count}`,
    );
    return events;
  }

  /** What all of a run's events add up to. */
  async state(runId: string): Promise<PipelineState> {
    return readState(await this.get<unknown>(`api/runs/${runId}/collaboration/state`));
  }

  /** Begins a run as a copy of another as it was after an event that is kept. Repeated, it finds the run as it was made. */
  branch(from: string, atSequence: number, runId: string): Promise<Branch> {
    const body = JSON.stringify({ from, atSequence, runId });
    return this.get('api/runs', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }

  private async get<T>(path: string, init: RequestInit = {}): Promise<T> {
    let response = await this.ask(path, init);
    // The token was refused, and is not used again: another one may be taken.
    if (response.status === 401) response = await this.ask(path, init);
    if (!response.ok) throw new HttpError(response.status);
    return (await response.json()) as T;
  }

  private async ask(path: string, init: RequestInit): Promise<Response> {
    // First the token: a user who pastes one takes longer than any server.
    const token = await this.access.token();
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    const response = await request(serverAddress(path), { ...init, headers });
    if (response.status === 401) this.access.refuse(token);
    return response;
  }
}
