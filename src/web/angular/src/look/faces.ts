/** The first of `users`, and the rest that goes behind a number: none where the last one fits in the number's place. */
export function faces<T>(users: readonly T[], most: number): { readonly shown: readonly T[]; readonly rest: readonly T[] } {
  const shown = users.length === most + 1 ? most + 1 : most;
  return { shown: users.slice(0, shown), rest: users.slice(shown) };
}
