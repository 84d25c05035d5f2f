import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Combobox } from "../parts/combobox.js";
import { Icon, type IconName } from "../parts/icon.js";
import { plan } from "../state/plan.js";
import { targetChanged } from "../state/project.js";
import { findBranches, nextRepositories, repositories } from "../state/repositories.js";
import { current } from "../state/sync.js";
import { branch, type Direction, direction, directory, repository, strategy } from "../state/target.js";
import { TargetOptions } from "./target-options.js";

const DIRECTIONS: readonly {
  readonly value: Direction;
  readonly label: string;
  readonly icon: IconName;
  readonly hint: string;
}[] = [
  { value: "push", label: "Push", icon: "arrowRight", hint: "Project to branch" },
  { value: "pull", label: "Pull", icon: "arrowLeft", hint: "Branch to project" },
  { value: "two_way", label: "Two-way", icon: "both", hint: "Both, merged" },
];

/** The form that describes a sync. */
export function TargetForm() {
  const isComplete = repository.value !== "" && branch.value !== "";
  const isRunning = current.value !== null && current.value.result === null;
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    void plan.load();
  };
  return (
    <form class="card target" onSubmit={onSubmit}>
      <h2>Target</h2>
      <RepositoryField />
      <BranchField />
      <div class="field">
        <label for="directory">Folder in the repository</label>
        <input
          id="directory"
          placeholder="Root"
          maxLength={4_096}
          spellcheck={false}
          value={directory.value}
          onInput={(event) => {
            directory.value = event.currentTarget.value;
            targetChanged();
          }}
        />
      </div>
      <DirectionField />
      <TargetOptions />
      <button type="submit" class="primary wide" disabled={!isComplete || plan.isLoading.value || isRunning}>
        {plan.isLoading.value ? "Comparing …" : "Preview changes"}
      </button>
    </form>
  );
}

function RepositoryField() {
  const { data, isLoading, load } = nextRepositories;
  const choose = (chosen: string): void => {
    const found = repositories.value.find(({ full_name }) => full_name === chosen);
    repository.value = chosen;
    branch.value = found?.default_branch ?? "main";
    targetChanged();
  };
  return (
    <Combobox
      label="Repository"
      placeholder="Choose a repository"
      value={repository.value}
      choices={repositories.value.map((found) => ({
        value: found.full_name,
        ...(found.private ? { note: "private" } : {}),
      }))}
      isBusy={isLoading.value}
      accepts={(value) => /^[^/\s]+\/[^/\s]+$/.test(value)}
      onChoose={choose}
      onMore={data.value?.hasMore === true ? () => void load() : undefined}
    />
  );
}

function BranchField() {
  const found = useSignal<readonly string[]>([]);
  const search = useSignal("");
  const chosen = repository.value;
  useEffect(() => {
    if (chosen === "") return;
    const cancel = new AbortController();
    findBranches(chosen, search.value, cancel.signal)
      .then((names) => {
        found.value = names;
      })
      .catch(() => undefined);
    return () => cancel.abort();
  }, [chosen, search.value]);
  return (
    <Combobox
      label="Branch"
      placeholder={chosen === "" ? "Choose a repository first" : "main"}
      value={branch.value}
      choices={found.value.map((value) => ({ value }))}
      isDisabled={chosen === ""}
      accepts={(value) => value !== ""}
      onSearch={(text) => {
        search.value = text;
      }}
      onChoose={(value) => {
        branch.value = value;
        targetChanged();
      }}
    />
  );
}

function DirectionField() {
  return (
    <fieldset class="field">
      <legend>Direction</legend>
      <div class="segments">
        {DIRECTIONS.map(({ value, label, icon, hint }) => (
          <label key={value}>
            <input
              type="radio"
              name="direction"
              value={value}
              checked={direction.value === value}
              onChange={() => {
                direction.value = value;
                // A pull request proposes changes to the branch only.
                if (value !== "push" && strategy.value === "pull_request") strategy.value = "merge";
                targetChanged();
              }}
            />
            <span>
              <Icon name={icon} />
              {label}
              <small>{hint}</small>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
