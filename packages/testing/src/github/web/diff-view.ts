import type { FileDiff } from "../git/diff.js";
import { type Html, html } from "../http/html.js";

/** Maximum number of files in a view. */
const MAX_FILES = 300;

/** Maximum number of lines per file in a view. */
const MAX_LINES = 1000;

/** Returns the changed files of a commit or comparison as unified diffs. */
export function diffView(files: readonly FileDiff[]): Html {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const rest = files.length - MAX_FILES;
  return html`<p class="muted">Changed files: ${files.length} · Additions: ${additions} · Deletions: ${deletions}</p>
${files.slice(0, MAX_FILES).map(fileView)}
${rest > 0 && html`<p class="muted">${rest} more files are not shown.</p>`}`;
}

function fileView({ path, previousPath, status, patch }: FileDiff): Html {
  const name = previousPath === undefined ? path : `${previousPath} → ${path}`;
  const lines = patch?.split("\n") ?? [];
  const rest = lines.length - MAX_LINES;
  const content =
    patch === undefined
      ? html`<p class="muted">Binary file, or no changed lines.</p>`
      : html`<pre>${lines.slice(0, MAX_LINES).map((line) => html`<span class="line ${classOf(line)}">${line}</span>`)}</pre>`;
  return html`<h2><code>${name}</code> <span class="label">${status}</span></h2>
<div class="box">${content}${rest > 0 && html`<p class="muted">${rest} more lines are not shown.</p>`}</div>`;
}

function classOf(line: string): string {
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+")) return "add";
  return line.startsWith("-") ? "remove" : "";
}
