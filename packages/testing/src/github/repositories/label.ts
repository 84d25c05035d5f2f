/** A label of a repository. */
export interface Label {
  id: number;
  name: string;
}

/** GitHub's limit for the name of a label, in characters. */
export const MAX_LABEL_LENGTH = 50;

/** Returns the repository's label with a name, and creates it if it does not exist. Names are case-insensitive. */
export function ensureLabel(
  { nextId }: { readonly nextId: () => number },
  { labels }: { readonly labels: Map<string, Label> },
  name: string,
): Label {
  const key = name.toLowerCase();
  const label = labels.get(key) ?? { id: nextId(), name };
  labels.set(key, label);
  return label;
}
