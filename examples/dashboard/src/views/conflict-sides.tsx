import type { GitHubSyncConflictContent } from "@infrajet/github-client";
import { useMemo } from "preact/hooks";
import { bytes } from "../parts/format.js";
import { changedLines, linesOf } from "../parts/text-merge.js";

const MOST_LINES = 2_000;

interface SidesProps {
  readonly base: GitHubSyncConflictContent;
  readonly ours: GitHubSyncConflictContent;
  readonly theirs: GitHubSyncConflictContent;
}

/** The three versions of a file beside each other. */
export function ConflictSides({ base, ours, theirs }: SidesProps) {
  const origin = textOf(base) ?? "";
  return (
    <div class="sides">
      <SidePane title="Project" side={ours} origin={origin} />
      <SidePane title="Base" side={base} origin={origin} />
      <SidePane title="Branch" side={theirs} origin={origin} />
    </div>
  );
}

/** Returns the text of a version; `null` for a missing, large or binary one. */
export function textOf({ content, encoding }: GitHubSyncConflictContent): string | null {
  return encoding === "utf-8" ? content : null;
}

function SidePane({ title, side, origin }: { title: string; side: GitHubSyncConflictContent; origin: string }) {
  const text = textOf(side);
  return (
    <section class="side" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <span class="muted">{side.sha === null ? "" : bytes(side.size)}</span>
      </header>
      {text === null ? <p class="muted">{reasonOf(side)}</p> : <Lines label={title} text={text} origin={origin} />}
    </section>
  );
}

function Lines({ label, text, origin }: { label: string; text: string; origin: string }) {
  const lines = linesOf(text.endsWith("\n") ? text.slice(0, -1) : text);
  const changed = useMemo(() => changedLines(linesOf(origin), linesOf(text)), [text, origin]);
  const rest = lines.length - MOST_LINES;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls the text
    <section class="lines" tabIndex={0} aria-label={`Text of ${label}`}>
      <pre>
        {lines.slice(0, MOST_LINES).map((line, index) => (
          <code key={index} class={changed.has(index) ? "is-changed" : undefined}>
            {line || " "}
            {"\n"}
          </code>
        ))}
      </pre>
      {rest > 0 && <p class="muted">… {rest} more lines</p>}
    </section>
  );
}

function reasonOf({ sha, truncated, size }: GitHubSyncConflictContent): string {
  if (sha === null) return "The file does not exist on this side.";
  return truncated ? `${bytes(size)} are too large to be shown.` : "A binary file.";
}
