import type { GitHubProjectLink } from "@infrajet/github-client";
import { useEffect, useState } from "preact/hooks";
import { ago, fullTime } from "../parts/format.js";
import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { addressOf } from "../state/address.js";
import { deleteLink, links, putLink } from "../state/links.js";
import { branch, direction, directory, repository, strategy } from "../state/target.js";

const DIRECTIONS = { push: "Push", pull: "Pull", two_way: "Two-way" } as const;

/** The branches that the project follows by itself. */
export function LinksView() {
  const { data, error, load } = links;
  useEffect(() => {
    void load();
  }, []);
  return (
    <section class="card page">
      <header class="page-head">
        <h1>Links</h1>
      </header>
      <p class="muted">A linked project is synced by itself each time that its branch moves.</p>
      {error.value !== null && <ErrorNote error={error.value} retry={load} />}
      {data.value?.length === 0 && (
        <div class="empty">
          <Icon name="branch" size={36} />
          <h2>Not linked</h2>
          <p>Link the project to the branch that you chose for a sync.</p>
        </div>
      )}
      <ul class="rows">
        {(data.value ?? []).map((link) => (
          <LinkRow key={`${link.repository_full_name}@${link.branch}`} link={link} />
        ))}
      </ul>
      {data.value !== null && <NewLink known={data.value} />}
    </section>
  );
}

function LinkRow({ link }: { link: GitHubProjectLink }) {
  const { repository_full_name: name, branch: linked, auto, created_at: since } = link;
  const [isBusy, setBusy] = useState(false);
  const run = async (change: () => Promise<void>): Promise<void> => {
    setBusy(true);
    await change();
    setBusy(false);
  };
  const toggle = (): Promise<void> => {
    const { project_id: _project, created_at: _since, last_sync_id: _last, directory: folder, ...kept } = link;
    return putLink({ ...kept, auto: !auto, ...(folder === "" ? {} : { directory: folder }) });
  };
  return (
    <li class="link-row">
      <div>
        <p class="record-title">
          {DIRECTIONS[link.direction]} <span class="mono">{name}</span>
          <span class="muted mono">@{linked}</span>
        </p>
        <p class="muted">
          Linked <span title={fullTime(since)}>{ago(since)}</span>
          {link.directory !== "" && `, folder ${link.directory}`}
          {link.last_sync_id !== null && `, last started sync ${link.last_sync_id}`}
        </p>
      </div>
      <label class="check">
        <input type="checkbox" checked={auto} disabled={isBusy} onChange={() => run(toggle)} />
        Sync automatically
      </label>
      <button
        type="button"
        class="danger"
        aria-label={`Remove the link to ${name}@${linked}`}
        disabled={isBusy}
        onClick={() => run(() => deleteLink(link))}
      >
        Remove
      </button>
    </li>
  );
}

function NewLink({ known }: { known: readonly GitHubProjectLink[] }) {
  const [isBusy, setBusy] = useState(false);
  const [name, chosen] = [repository.value, branch.value];
  if (name === "" || chosen === "") {
    return (
      <p>
        <a href={addressOf("sync")}>Choose a repository and a branch</a> to link the project to.
      </p>
    );
  }
  if (known.some((link) => link.repository_full_name === name && link.branch === chosen)) return null;
  const add = async (): Promise<void> => {
    setBusy(true);
    await putLink({
      repository_full_name: name,
      branch: chosen,
      direction: direction.value,
      conflict_strategy: strategy.value,
      ...(directory.value === "" ? {} : { directory: directory.value }),
    });
    setBusy(false);
  };
  return (
    <p class="actions">
      <button type="button" class="primary" disabled={isBusy} onClick={add}>
        Link to {name}@{chosen} ({DIRECTIONS[direction.value].toLowerCase()})
      </button>
    </p>
  );
}
