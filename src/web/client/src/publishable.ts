import { CollabError } from './errors.js';

/** A hub frame of more than 64 KiB ends the connection, and would end the next one too. What is left is for the frame around the data. */
const maxBytes = 60_000;

/** A copy of an event's data as it will go over the wire, or why it cannot. What the server's own limits say, the server says. */
export function publishable(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | CollabError {
  let json;
  try {
    json = JSON.stringify(data) as string | undefined;
  } catch (error) {
    return new CollabError('invalid_event', `data is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!json?.startsWith('{')) return new CollabError('invalid_event', 'data must be an object.');
  const bytes = new TextEncoder().encode(json).length;
  if (bytes > maxBytes)
    return new CollabError(
      'payload_too_large',
      `The event's data has ${String(bytes)} bytes; no more than ${String(maxBytes)} can be sent.`,
    );
  return JSON.parse(json) as Record<string, unknown>;
}
