import { html } from "../http/html.js";
import { formFields, formToken, hasFormToken } from "../http/web-form.js";
import { webPage } from "../http/web-page.js";
import { page, redirectToLogin, type WebCall } from "../http/web-route.js";
import type { DeviceRequest } from "./device-codes.js";

/** Handles `GET /login/device`: the page on which the user enters the code of a device. */
export function devicePage(call: WebCall): Response {
  const { session } = call;
  if (session === undefined) return redirectToLogin(call);
  return codePage(call, null);
}

/** Handles `POST /login/device`: shows what the device asks for, then allows or denies it. */
export function submitDevice(call: WebCall): Response {
  const { session, platform } = call;
  if (session === undefined) return redirectToLogin(call);
  const fields = formFields(call);
  if (session.isInteractive && !hasFormToken(session, fields)) {
    return page(422, "The form has expired. Open the page again.", session);
  }
  const request = platform.oauth.devices.waiting(fields.get("user_code") ?? "");
  if (request === undefined) return codePage(call, "The code is wrong or has expired. Check the code on the device.");
  const decision = session.isInteractive ? fields.get("decision") : session.deny ? "deny" : "authorize";
  if (decision === null) return consentPage(call, request);
  const isAllowed = decision === "authorize";
  request.decision = { user: session.user, isAllowed };
  if (!isAllowed) return page(200, "The request was denied.", session);
  return webPage({
    title: "Congratulations, you're all set!",
    session,
    body: html`<div class="box narrow"><p>${request.client.name} is authorized. You can close this page.</p></div>`,
  });
}

function codePage({ session }: WebCall, problem: string | null): Response {
  if (session === undefined) throw new Error("unreachable: the page requires a session");
  return webPage({
    status: problem === null ? 200 : 422,
    title: "Device activation",
    session,
    body: html`<div class="box narrow">
${problem !== null && html`<p><strong>${problem}</strong></p>`}
<form method="post" action="/login/device">
${formToken(session)}
<label>Code on the device <input type="text" name="user_code" maxlength="20" autocomplete="off" required></label>
<button class="primary">Continue</button>
</form>
</div>`,
  });
}

function consentPage({ session }: WebCall, { client, scopes, userCode }: DeviceRequest): Response {
  if (session === undefined) throw new Error("unreachable: the page requires a session");
  return webPage({
    title: `Authorize ${client.name}`,
    session,
    body: html`<div class="box narrow">
<p><a href="${client.url}">${client.name}</a> on a device with the code <strong>${userCode}</strong> requests access to the account <strong>${session.user.login}</strong>.</p>
<p>Requested scopes:</p><ul>${scopes.map((scope) => html`<li><code>${scope}</code></li>`)}</ul>
<form method="post" action="/login/device">
${formToken(session)}
<input type="hidden" name="user_code" value="${userCode}">
<button class="primary" name="decision" value="authorize">Authorize ${client.name}</button>
<button name="decision" value="deny">Cancel</button>
</form>
</div>`,
  });
}
