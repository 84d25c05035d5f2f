import type { AppManifest } from "../app/app-manifest.js";
import type { CreatedApp } from "../app/created-app.js";
import { html, htmlPage } from "./html-page.js";
import type { RouteReply } from "./route.js";

type Page = Pick<RouteReply, "headers" | "html">;

/** Returns the page that posts a manifest to GitHub. */
export function manifestPage(manifest: AppManifest, action: string, organization: string | null): Page {
  const owner = organization === null ? "your account" : `the organization ${organization}`;
  const hook = manifest.hook_attributes?.url;
  const permissions = Object.entries(manifest.default_permissions);
  return htmlPage(
    "Create the GitHub App",
    html`<p>GitHub will create an App in ${owner}, and this host will store its credentials.</p>
<dl>
<dt>Permissions</dt><dd>${permissions.map(([name, level]) => `${name}: ${level}`).join(", ")}</dd>
<dt>Callback</dt><dd>${manifest.callback_urls.join(", ")}</dd>
<dt>Webhook</dt><dd>${hook ?? "none, because GitHub cannot reach this host. Add one in the App's settings later."}</dd>
</dl>
<form method="post" action="${action}">
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
<button type="submit">Create on GitHub</button>
</form>`,
  );
}

/** Returns the page that is shown after the App was stored. */
export function createdPage({ name, htmlUrl }: CreatedApp): Page {
  return htmlPage(
    "The GitHub App was created",
    html`<p>This host has stored the credentials of <a href="${htmlUrl}">${name}</a>.</p>
<p><a href="${`${htmlUrl}/installations/new`}">Install the App</a></p>`,
  );
}
