const TOKEN = /^v\d+$/;

/** The edits of people. Each edit puts a token of its own into one of two lines of a file, which merge separately. */
export class Lineage {
  readonly #parents = new Map<string, string>();
  readonly #written = new Set<string>();
  #count = 0;

  /** Returns a person's new version of a file. */
  edit(path: string, before: string | undefined, isTop: boolean): string {
    this.#count += 1;
    const token = `v${this.#count}`;
    const [top = "t", , , , bottom = "b"] = before?.split("\n") ?? [];
    const replaced = isTop ? top : bottom;
    if (TOKEN.test(replaced)) this.#parents.set(token, replaced);
    this.#written.add(keyOf(path, token));
    return `${isTop ? token : top}\n1\n2\n3\n${isTop ? bottom : token}\n`;
  }

  /** A person deletes a version: what it was made from need not be kept. */
  giveUp(path: string, text: string): void {
    for (const key of this.#keys(path, text)) this.#written.delete(key);
  }

  /** Returns the edits of which none of these versions was made. */
  lost(versions: Iterable<readonly [string, string]>): string[] {
    const kept = new Set<string>();
    for (const [path, text] of versions) for (const key of this.#keys(path, text)) kept.add(key);
    return [...this.#written].filter((key) => !kept.has(key));
  }

  *#keys(path: string, text: string): Iterable<string> {
    for (const line of text.split("\n")) {
      for (let token: string | undefined = line; token !== undefined; token = this.#parents.get(token)) {
        if (TOKEN.test(token)) yield keyOf(path, token);
      }
    }
  }
}

function keyOf(path: string, token: string): string {
  return `${path} ${token}`;
}
