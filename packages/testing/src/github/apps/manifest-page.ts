import { randomBytes } from "node:crypto";
import type { Account } from "../accounts/account.js";
import type { Session } from "../control/identity-settings.js";
import { type Html, html } from "../http/html.js";
import { formFields, formToken, hasFormToken } from "../http/web-form.js";
import { webPage } from "../http/web-page.js";
import { notFoundPage, page, redirect, redirectToLogin, type WebCall } from "../http/web-route.js";
import { sendBack } from "../oauth/authorize.js";
import { appManifest, type ManifestDraft } from "./app-manifests.js";
import { slugOf } from "./apps.js";

/** Maximum length of an App's name. */
const MAX_NAME_LENGTH = 34;

/**
 * Handles `GET /settings/apps/new` and `GET /organizations/{org}/settings/apps/new`: shows the App of a manifest to the user of a
 * browser, or creates it as the session says. Without a manifest, shows a form for one.
 *
 * @see https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export function newApp(call: WebCall): Response {
  const { platform, session, url } = call;
  if (session === undefined) return redirectToLogin(call);
  const owner = ownerOf(call, session);
  if (owner === undefined) return notFoundPage(call);
  const id = url.searchParams.get("draft");
  if (id === null) return manifestForm(session, url.pathname);
  const draft = platform.manifests.findDraft(id);
  if (draft === undefined) return notFoundPage(call);
  if (session.isInteractive) return confirmation({ session, owner, draft, action: url.pathname + url.search });
  if (session.deny) return page(200, "The GitHub App was not created", session);
  return create(call, { id, draft, owner, name: draft.manifest.name ?? "" }, session);
}

/** Handles a manifest that an application sends from the user's browser, and the form that confirms it. */
export function submitApp(call: WebCall): Response {
  const { platform, session, url } = call;
  const fields = formFields(call);
  const text = fields.get("manifest");
  if (text !== null) {
    const manifest = parseManifest(text);
    if (typeof manifest === "string") return page(422, manifest, session);
    const draft = platform.manifests.addDraft({ manifest, state: url.searchParams.get("state") });
    return redirect(`${url.pathname}?draft=${draft}`);
  }
  if (session === undefined) return redirectToLogin(call);
  const owner = ownerOf(call, session);
  const id = url.searchParams.get("draft") ?? "";
  const draft = platform.manifests.findDraft(id);
  if (owner === undefined || draft === undefined) return notFoundPage(call);
  if (!hasFormToken(session, fields)) return page(422, "The form has expired. Open the page again.", session);
  return create(call, { id, draft, owner, name: fields.get("name") ?? "" }, session);
}

/** Creates an App and redirects to the manifest's `redirect_url` with a code. */
function create(
  { platform, addresses }: WebCall,
  { id, draft, owner, name }: { id: string; draft: ManifestDraft; owner: Account; name: string },
  session: Session,
): Response {
  const { manifest, state } = draft;
  const slug = slugOf(name);
  if (slug === "") return page(422, "Name can't be blank", session);
  if (name.length > MAX_NAME_LENGTH)
    return page(422, `Name is too long (maximum is ${MAX_NAME_LENGTH} characters)`, session);
  if (platform.apps.findBySlug(slug) !== undefined) return page(422, "Name has already been taken", session);
  platform.manifests.removeDraft(id);
  const { hook_attributes: hook, setup_url: setupUrl } = manifest;
  const app = platform.apps.add({
    name,
    slug,
    owner: owner.login,
    url: manifest.url,
    callbackUrls: manifest.callback_urls,
    permissions: manifest.default_permissions,
    events: manifest.default_events,
    setupOnUpdate: manifest.setup_on_update,
    requestsUserAuthorization: manifest.request_oauth_on_install,
    ...(setupUrl === undefined ? {} : { setupUrl }),
    ...(hook?.active === true ? { webhookUrl: hook.url, webhookSecret: randomBytes(20).toString("hex") } : {}),
  });
  if (manifest.redirect_url === undefined) return redirect(`${addresses.html}/apps/${app.slug}`);
  return sendBack(manifest.redirect_url, { code: platform.manifests.issueCode(app), state });
}

/** Returns the user, or the organization of the path when the user is one of its owners. */
function ownerOf({ params, platform }: WebCall, { user }: Session): Account | undefined {
  if (params.org === undefined) return user;
  const account = platform.accounts.find(params.org);
  return account?.members.get(user.login.toLowerCase()) === "admin" ? account : undefined;
}

/** Returns a manifest, or the reason why it is not valid. */
function parseManifest(text: string): ManifestDraft["manifest"] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "The manifest is not valid JSON.";
  }
  const { success, data, error } = appManifest.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  return `The manifest is not valid: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
}

function manifestForm(session: Session, action: string): Response {
  const body = html`<div class="box narrow">
<form method="post" action="${action}">
<label>Manifest <textarea name="manifest" rows="16" required></textarea></label>
<button class="primary">Continue</button>
</form>
</div>`;
  return webPage({ title: "Create a GitHub App from a manifest", session, body });
}

function confirmation(shown: { session: Session; owner: Account; draft: ManifestDraft; action: string }): Response {
  const { session, owner, action } = shown;
  const { manifest } = shown.draft;
  const body = html`<div class="box narrow">
<p>Owner: <strong>${owner.login}</strong> · <a href="${manifest.url}">${manifest.url}</a></p>
<p>${manifest.description}</p>
<p>Permissions:</p><ul>${Object.entries(manifest.default_permissions).map(([name, level]) => html`<li><code>${name}</code>: ${level}</li>`)}</ul>
<p>Events: ${manifest.default_events.length === 0 ? "none" : manifest.default_events.map((event) => html`<code>${event}</code> `)}</p>
${urls("Callback URLs", manifest.callback_urls)}
${urls("Webhook URL", manifest.hook_attributes?.active === true ? [manifest.hook_attributes.url] : [])}
<form method="post" action="${action}">
${formToken(session)}
<label>Name <input type="text" name="name" value="${manifest.name ?? ""}" maxlength="${MAX_NAME_LENGTH}" required></label>
<p><button class="primary">Create GitHub App for ${owner.login}</button></p>
</form>
</div>`;
  return webPage({ title: "Create GitHub App", session, body });
}

function urls(title: string, list: readonly string[]): Html | false {
  return list.length > 0 && html`<p>${title}:</p><ul>${list.map((url) => html`<li>${url}</li>`)}</ul>`;
}
