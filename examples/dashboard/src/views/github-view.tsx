import type { GitHubInstallation } from "@infrajet/github-client";
import { useEffect } from "preact/hooks";
import { ago, fullTime } from "../parts/format.js";
import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import {
  CREATE_APP_PAGE,
  canCreateApp,
  connect,
  connection,
  disconnect,
  install,
  installations,
} from "../state/connection.js";

/** The user's account at GitHub, and the installations of the host's App. */
export function GitHubView() {
  useEffect(() => {
    void installations.load();
    void canCreateApp.load();
  }, []);
  return (
    <div class="columns">
      <h1 class="visually-hidden">GitHub</h1>
      <AccountCard />
      <InstallationsCard />
    </div>
  );
}

function AccountCard() {
  const status = connection.data.value;
  if (status === null) return null;
  const {
    username,
    connected_at: since,
    permissions,
    missing_permissions: missing,
    repositories_count: total,
  } = status;
  return (
    <section class="card">
      <h2>Account</h2>
      <dl class="facts">
        <dt>User</dt>
        <dd>{username}</dd>
        {since !== null && (
          <>
            <dt>Connected</dt>
            <dd title={fullTime(since)}>{ago(since)}</dd>
          </>
        )}
        {total !== null && (
          <>
            <dt>Repositories</dt>
            <dd>{total}</dd>
          </>
        )}
        <dt>Granted</dt>
        <dd class="mono">{permissions?.join(", ") || "the permissions of the App"}</dd>
      </dl>
      {missing.length > 0 && (
        <div class="notice is-bad">
          <Icon name="alert" />
          <p>
            Missing: <code>{missing.join(", ")}</code>. Connect again to grant them.
          </p>
        </div>
      )}
      <p class="actions">
        <button type="button" onClick={() => connect()}>
          Connect again
        </button>
        <button type="button" class="danger" onClick={disconnect}>
          Disconnect
        </button>
      </p>
    </section>
  );
}

function InstallationsCard() {
  const { data, error } = installations;
  const hasApp = error.value?.status !== 501;
  const isUnauthorized = error.value?.code === "github_not_connected";
  return (
    <section class="card">
      <h2>GitHub App</h2>
      <p class="muted">
        An installation gives this host access to an account's repositories without a user's token, and reports pushes
        to it.
      </p>
      {!hasApp && <p>This host has no GitHub App.</p>}
      {isUnauthorized && <p>Authorize the App, or install it, to see its installations here.</p>}
      {hasApp && !isUnauthorized && error.value !== null && <ErrorNote error={error.value} />}
      {data.value?.length === 0 && <p>Not installed in an account of yours.</p>}
      <ul class="rows">
        {(data.value ?? []).map((found) => (
          <InstallationRow key={`${found.id} ${found.account_login}`} installation={found} />
        ))}
      </ul>
      <p class="actions">
        {hasApp && (
          <button type="button" class="primary" onClick={install}>
            Install the App
          </button>
        )}
        {isUnauthorized && (
          <button type="button" onClick={() => connect("app")}>
            Authorize the App
          </button>
        )}
        {canCreateApp.data.value === true && (
          <a class="button" href={CREATE_APP_PAGE}>
            Create an App
          </a>
        )}
      </p>
    </section>
  );
}

function InstallationRow({ installation }: { installation: GitHubInstallation }) {
  const {
    account_login: login,
    account_type: type,
    pending,
    suspended_at: suspended,
    missing_permissions: missing,
  } = installation;
  return (
    <li>
      <strong>{login || "An organization"}</strong> <span class="muted">{type}</span>
      {pending && <span class="badge">waits for an owner</span>}
      {suspended !== null && <span class="badge">suspended</span>}
      {missing.length > 0 && <p class="record-error">Missing permissions: {missing.join(", ")}</p>}
    </li>
  );
}
