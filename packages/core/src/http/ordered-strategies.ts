const FIELD = "strategies";
// In valid JSON, a quote after one of these characters begins a string: this matches only names of members.
const INTEGER_NAME = /([{,\s])"(\d{1,10})"(\s*:)/g;
// No path or pattern begins with it.
const MARK = "\u0000";

/**
 * Returns the value of a JSON text with `strategies` as a map in the order of the text. An object would list names that are
 * integers first, and the first pattern that matches a path counts.
 *
 * @param value the value of `text`
 */
export function withOrderedStrategies(text: string, value: unknown): unknown {
  const strategies = strategiesOf(value);
  if (strategies === null || !Object.keys(strategies).some((name) => /^\d+$/.test(name))) return value;
  const marked = strategiesOf(JSON.parse(text.replaceAll(INTEGER_NAME, `$1"\\u0000$2"$3`)));
  const ordered = Object.keys(marked ?? {}).map((name) => (name.startsWith(MARK) ? name.slice(1) : name));
  const entries = ordered.map((name) => [name, strategies[name]] as const);
  return { ...Object(value), [FIELD]: new Map(entries) };
}

function strategiesOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "object" || value === null || !(FIELD in value)) return null;
  const { [FIELD]: strategies } = value;
  return isRecord(strategies) ? strategies : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
