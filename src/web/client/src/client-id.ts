import type { QueueStorage } from './seams.js';
import { newUuid } from './uuid.js';

const key = 'collab:client';

/**
 * An id of this tab, the same after a reload, by which the server's monitor knows a client that comes back. It says nothing about the user.
 */
export function clientId(session: QueueStorage | null): string {
  try {
    const known = session?.load(key);
    if (known !== null && known !== undefined) return known;
    const id = newUuid();
    session?.save(key, id);
    return id;
  } catch {
    return newUuid();
  }
}
