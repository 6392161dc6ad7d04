/**
 * A copy of a map whose keys are what others chose, steps and users: it has these entries and nothing else, so that a key called
 * `constructor` or `__proto__` is found where it was set, and only there.
 */
export function dictionary<T>(entries: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, entries);
}
