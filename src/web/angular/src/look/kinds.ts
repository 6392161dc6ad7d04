const own: Readonly<Record<string, string>> = { graft: 'var(--_accent)', prune: 'var(--_bad)', flag: 'var(--_poor)' };

/** The colour of a kind of event, as a value for CSS within a component: `--collab-{kind}`, else that of the built-in ones. */
export function kindColour(kind: string): string {
  return `var(--collab-${kind}, ${Object.hasOwn(own, kind) ? (own[kind] ?? '') : 'var(--_muted)'})`;
}
