import { closeProject, projectId, signOut, token } from "../state/address.js";
import { connection } from "../state/connection.js";
import { liveState } from "../state/live.js";

/** The line at the top: the open project and the user's account. */
export function Header() {
  const { data } = connection;
  const project = projectId.value;
  return (
    <header class="top">
      <p class="brand">
        <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
          <path class="brand-jet" d="M4 24 16 3.500l4.300 7.400L12.700 24z" />
          <path class="brand-wing" d="M21.800 13.500 28 24H15.700z" />
        </svg>
        Infrajet <span>Sync</span>
      </p>
      {token.value !== null && project !== null && (
        <p class="crumb">
          <span class="muted">Project</span> <strong>{project}</strong>
          <button type="button" class="link" onClick={closeProject}>
            Switch
          </button>
        </p>
      )}
      {token.value !== null && (
        <div class="account">
          {liveState.value !== null && (
            <span class={`live is-${liveState.value}`} role="status">
              {liveState.value === "live" ? "Live" : "Connecting …"}
            </span>
          )}
          {data.value?.connected === true && <span class="who">{data.value.username}</span>}
          <button type="button" class="link" onClick={signOut}>
            Sign out
          </button>
        </div>
      )}
    </header>
  );
}
