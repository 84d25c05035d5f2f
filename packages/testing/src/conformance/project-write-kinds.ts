import type { Expected, ProjectWriteSession, Written } from "@infrajet/github/adapters";
import { ASIDE, contentOf, DROP, expectedOf } from "./project-write-subject.js";

/** The file that the writes change. */
export const PATH = "dir/main.tf";

/** A write to {@link PATH} in a project with a second file beside it. */
export interface Write {
  readonly name: string;
  /** The content before the write; `null` for no file. */
  readonly before: string | null;
  readonly after: string | null;
  readonly isKept: boolean;
  run(session: ProjectWriteSession, signal?: AbortSignal): Promise<Written>;
}

/** One write for each combination of a kind with what becomes of the old version. */
export const WRITES: readonly Write[] = [
  { keep: "drop", after: "new!", before: "old" },
  { keep: "aside", after: "new!", before: "old" },
  { keep: "drop", after: "new!", before: null },
  { keep: "drop", after: null, before: "old" },
  { keep: "aside", after: null, before: "old" },
].map(({ keep, before, after }) => ({
  name: `${after === null ? "remove" : "replace"} (${before === null ? "absent" : keep})`,
  before,
  after,
  isKept: keep === "aside",
  run(session, signal) {
    const options = { ...(keep === "aside" ? ASIDE : DROP), ...(signal === undefined ? {} : { signal }) };
    const when: Expected = before === null ? "absent" : expectedOf(before);
    if (after !== null) return session.replace(PATH, contentOf(after), when, options);
    return session.remove(PATH, expectedOf(before ?? ""), options);
  },
}));

/** One write of each kind, for cases in which the others would take the same steps. */
export const ONE_OF_EACH = WRITES.filter(({ name }) => /replace \(aside\)|absent|remove \(drop\)/.test(name));
