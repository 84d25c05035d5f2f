import type { GitHubSyncConflict, GitHubSyncConflictContent } from "@infrajet/github-client";
import { useState } from "preact/hooks";
import { textOf as errorText, failureOf } from "../api.js";
import { Icon } from "../parts/icon.js";
import { hasMarkers, mergedText } from "../parts/text-merge.js";
import { type Decision, decide, decisionOf, lastConflicts } from "../state/conflicts.js";
import { notify } from "../state/notice.js";
import { plan } from "../state/plan.js";
import { textOf } from "./conflict-sides.js";

interface EditorProps {
  readonly conflict: GitHubSyncConflict;
  readonly base: GitHubSyncConflictContent;
  readonly ours: GitHubSyncConflictContent;
  readonly theirs: GitHubSyncConflictContent;
}

/** The choices for a file, and an editor for the text of both versions. */
export function ConflictEditor({ conflict, base, ours, theirs }: EditorProps) {
  const [text, setText] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [mine, yours] = [textOf(ours), textOf(theirs)];
  const canEdit = mine !== null && yours !== null;
  const save = async (decision: Decision): Promise<void> => {
    setSaving(true);
    await decide(conflict, decision).catch((cause: unknown) => onRefused(cause));
    setSaving(false);
  };
  const choose = (choice: NonNullable<Decision["choice"]>, label: string) => (
    <button
      type="button"
      disabled={isSaving}
      aria-pressed={decisionOf(conflict) === choice}
      onClick={() => save({ choice })}
    >
      {label}
    </button>
  );
  return (
    <div class="editor">
      <fieldset class="choices">
        <legend class="visually-hidden">Choose a version</legend>
        {choose("ours", ours.sha === null ? "Delete it, as the project" : "Keep the project's")}
        {choose("theirs", theirs.sha === null ? "Delete it, as the branch" : "Keep the branch's")}
        {conflict.resolution_strategy === "merge" && choose("merged", "Merge both")}
        {canEdit && text === null && (
          <button type="button" onClick={() => setText(mergedText(textOf(base) ?? "", mine, yours))}>
            <Icon name="update" /> Edit the merged text
          </button>
        )}
      </fieldset>
      {text !== null && (
        <MergeField text={text} isSaving={isSaving} onInput={setText} onSave={() => save({ content: text })} />
      )}
    </div>
  );
}

interface MergeFieldProps {
  readonly text: string;
  readonly isSaving: boolean;
  onInput(text: string): void;
  onSave(): void;
}

function MergeField({ text, isSaving, onInput, onSave }: MergeFieldProps) {
  const isMarked = hasMarkers(text);
  return (
    <div class="field">
      <label for="merged">Merged text</label>
      <textarea
        id="merged"
        class="mono"
        rows={14}
        spellcheck={false}
        aria-describedby="merged-hint"
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p class="hint" id="merged-hint">
        {isMarked
          ? "Both sides changed the lines between <<<<<<< and >>>>>>>. Keep what is right, and remove the markers."
          : "The next sync writes this text to both sides that it updates."}
      </p>
      <p class="actions">
        <button type="button" class="primary" disabled={isMarked || isSaving} onClick={onSave}>
          Use this text
        </button>
      </p>
    </div>
  );
}

/** A side has changed since the versions were read: both are read again. */
function onRefused(cause: unknown): void {
  const error = failureOf(cause);
  notify("bad", errorText(error));
  if (error.code !== "resolution_stale") return;
  if (plan.data.value === null) void lastConflicts.load();
  else void plan.load();
}
