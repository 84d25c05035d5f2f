import { targetChanged } from "../state/project.js";
import { direction, message, type Strategy, skipsConflicts, strategy } from "../state/target.js";

const STRATEGIES: Readonly<Record<Strategy, string>> = {
  merge: "Merge text, stop at conflicts",
  fail: "Stop at every difference",
  ours: "Keep the project's version",
  theirs: "Keep the branch's version",
  pull_request: "Open a pull request",
};

/** The options of a sync that have a good default. */
export function TargetOptions() {
  const canPull = direction.value !== "push";
  // A pull request proposes changes to the branch only.
  const offered = Object.entries(STRATEGIES).filter(([name]) => name !== "pull_request" || !canPull);
  return (
    <details class="more">
      <summary>Message and conflicts</summary>
      <div class="field">
        <label for="message">Commit message</label>
        <textarea
          id="message"
          rows={2}
          maxLength={65_536}
          value={message.value}
          onInput={(event) => {
            message.value = event.currentTarget.value;
          }}
        />
        <p class="hint">Written by the host when empty.</p>
      </div>
      <div class="field">
        <label for="strategy">When both sides changed a file</label>
        <select
          id="strategy"
          value={strategy.value}
          onChange={(event) => {
            const chosen = offered.find(([name]) => name === event.currentTarget.value)?.[0];
            strategy.value = (chosen ?? "merge") as Strategy;
            targetChanged();
          }}
        >
          {offered.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={skipsConflicts.value}
          onChange={(event) => {
            skipsConflicts.value = event.currentTarget.checked;
            targetChanged();
          }}
        />
        Leave out files with conflicts, and sync the others
      </label>
    </details>
  );
}
