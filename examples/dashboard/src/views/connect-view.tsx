import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { CREATE_APP_PAGE, canCreateApp, connect, connection } from "../state/connection.js";

/** Leads a user without a connection to GitHub. */
export function ConnectView() {
  const { data, error, load } = connection;
  if (error.value !== null && data.value === null) {
    return <ErrorNote error={error.value} retry={load} />;
  }
  if (data.value === null) return <p class="muted gate">Loading …</p>;
  const { reauth_required: isRevoked } = data.value;
  return (
    <section class="card gate">
      <h1>{isRevoked ? "Connect GitHub again" : "Connect GitHub"}</h1>
      <p>
        {isRevoked
          ? "GitHub no longer accepts the stored token. Authorize again to continue."
          : "Authorize this host at GitHub. You come back to this page, and nothing is written before you approve a plan."}
      </p>
      <button type="button" class="primary" onClick={() => connect()}>
        Continue to GitHub <Icon name="arrowRight" />
      </button>
      <ol class="steps">
        <li>Connect your account</li>
        <li>Choose a repository and a branch</li>
        <li>Review the plan, then sync</li>
      </ol>
      {canCreateApp.data.value === true && (
        <p class="aside">
          You may also <a href={CREATE_APP_PAGE}>create a GitHub App for this host</a>.
        </p>
      )}
    </section>
  );
}
