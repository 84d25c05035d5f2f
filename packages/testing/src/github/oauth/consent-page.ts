import type { Session } from "../control/identity-settings.js";
import { html } from "../http/html.js";
import { formToken } from "../http/web-form.js";
import { webPage } from "../http/web-page.js";
import type { OAuthClient } from "./oauth-client.js";

/** The content of a consent page. */
export interface Consent {
  session: Session;
  client: OAuthClient;
  /** Requested OAuth scopes; empty for a GitHub App. */
  scopes: readonly string[];
  redirectUri: string;
  /** Query of the authorization request, which the form sends back. */
  query: string;
}

/** Returns the page on which a user authorizes an application or denies the request. */
export function consentPage({ session, client, scopes, redirectUri, query }: Consent): Response {
  const isApp = client.reach !== undefined;
  const access = isApp
    ? html`<p>The GitHub App acts with the permissions of its installations, where you have access as well.</p>`
    : html`<p>Requested scopes:</p><ul>${scopes.map((scope) => html`<li><code>${scope}</code></li>`)}</ul>
${scopes.length === 0 && html`<p class="muted">Public data only.</p>`}`;
  return webPage({
    title: `Authorize ${client.name}`,
    session,
    body: html`<div class="box narrow">
<p><a href="${client.url}">${client.name}</a> requests access to the account <strong>${session.user.login}</strong>.</p>
${access}
<form method="post" action="/login/oauth/authorize">
${formToken(session)}
<input type="hidden" name="request" value="${query}">
<button class="primary" name="decision" value="authorize">Authorize ${client.name}</button>
<button name="decision" value="deny">Cancel</button>
</form>
<p class="muted">Redirects to ${new URL(redirectUri).origin}.</p>
</div>`,
  });
}
