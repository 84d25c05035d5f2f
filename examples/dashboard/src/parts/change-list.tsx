import { useState } from "preact/hooks";
import { count } from "./format.js";
import { Icon, type IconName } from "./icon.js";

/** A change of one file. */
export interface FileChange {
  readonly path: string;
  readonly kind: "add" | "update" | "delete" | "conflict" | "note";
  /** A short text after the path, such as the size. */
  readonly note?: string | undefined;
}

const SIGNS: Readonly<Record<FileChange["kind"], { readonly icon: IconName; readonly text: string }>> = {
  add: { icon: "plus", text: "Added" },
  update: { icon: "update", text: "Updated" },
  delete: { icon: "minus", text: "Deleted" },
  conflict: { icon: "alert", text: "Conflict" },
  note: { icon: "minus", text: "" },
};
const FIRST = 200;
const FILTERED_ABOVE = 20;

/** A list of changed files, which stays usable with thousands of them. */
export function ChangeList({ title, changes }: { title: string; changes: readonly FileChange[] }) {
  const [filter, setFilter] = useState("");
  const [most, setMost] = useState(FIRST);
  if (changes.length === 0) return null;
  const wanted = filter.trim().toLowerCase();
  const found = wanted === "" ? changes : changes.filter(({ path }) => path.toLowerCase().includes(wanted));
  const shown = found.slice(0, most);
  return (
    <section class="changes" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <span class="muted">{count(changes.length, "file")}</span>
        {changes.length > FILTERED_ABOVE && (
          <input
            type="search"
            aria-label={`Filter the files of ${title}`}
            placeholder="Filter by path"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        )}
      </header>
      <ul>
        {shown.map((change) => (
          <ChangeRow key={change.path} change={change} />
        ))}
      </ul>
      {found.length === 0 && <p class="muted">No file matches.</p>}
      {found.length > shown.length && (
        <button type="button" class="link" onClick={() => setMost(found.length)}>
          Show all {count(found.length, "file")}
        </button>
      )}
    </section>
  );
}

function ChangeRow({ change: { path, kind, note } }: { change: FileChange }) {
  const { icon, text } = SIGNS[kind];
  const end = path.lastIndexOf("/") + 1;
  return (
    <li class={`change is-${kind}`}>
      <span class="sign">
        <Icon name={icon} size={13} />
        <span class="visually-hidden">{text}</span>
      </span>
      <span class="path">
        <span>{path.slice(0, end)}</span>
        {path.slice(end)}
      </span>
      {note !== undefined && <small>{note}</small>}
    </li>
  );
}
