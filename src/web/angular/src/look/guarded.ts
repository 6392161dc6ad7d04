/**
 * What is worked out of others' words, or what stands in for it where that fails: one card or row must not keep the rest of the page from
 * being drawn. The error goes to the console.
 */
export function guarded<T>(work: () => T, instead: T): T {
  try {
    return work();
  } catch (error) {
    console.error(error);
    return instead;
  }
}
