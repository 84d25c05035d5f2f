import { html } from "../http/html.js";
import { formFields, hasFormToken } from "../http/web-form.js";
import { webPage } from "../http/web-page.js";
import { page, redirect, type WebCall } from "../http/web-route.js";

const COOKIE = "Path=/; HttpOnly; SameSite=Lax";

/** Handles `GET /login`: shows the users of the box, who sign in without a password. */
export function signInPage({ platform, session, url }: WebCall): Response {
  const users = platform.accounts
    .list()
    .filter(({ type }) => type === "User")
    .sort((a, b) => (a.login < b.login ? -1 : 1));
  const returnTo = html`<input type="hidden" name="return_to" value="${localPath(url.searchParams.get("return_to"))}">`;
  const buttons = users.map(
    ({ login, name }) => html`<p><button name="login" value="${login}">${login}</button> ${name}</p>`,
  );
  const body = html`<div class="box narrow">
<p class="muted">The box has no passwords. Choose a user.</p>
<form method="post" action="/login">${returnTo}${buttons}</form>
<form method="post" action="/login">${returnTo}
<label>New user <input type="text" name="login" maxlength="39" pattern="[A-Za-z0-9](-?[A-Za-z0-9])*" required></label>
<button class="primary">Create and sign in</button></form>
</div>`;
  return webPage({ title: "Sign in", body, session });
}

/** Handles `POST /login`: opens a session and returns to the page that required it. */
export function signIn(call: WebCall): Response {
  const { platform, session } = call;
  const fields = formFields(call);
  const login = fields.get("login") ?? "";
  if (!/^[a-z\d](-?[a-z\d]){0,38}$/i.test(login)) return page(422, "The user name is not valid.", session);
  const user = platform.accounts.ensure(login);
  if (user.type !== "User") return page(422, `${login} is not a user.`, session);
  const response = redirect(localPath(fields.get("return_to")));
  response.headers.append("Set-Cookie", `user_session=${platform.identity.openInteractive(user)}; ${COOKIE}`);
  return response;
}

/** Handles `POST /logout`: closes the session. */
export function signOut(call: WebCall): Response {
  const { cookie, platform, session } = call;
  if (session?.isInteractive === true && !hasFormToken(session, formFields(call))) {
    return page(422, "The form has expired. Open the page again.", session);
  }
  if (cookie !== undefined) platform.identity.close(cookie);
  const response = redirect("/");
  response.headers.append("Set-Cookie", `user_session=; Max-Age=0; ${COOKIE}`);
  return response;
}

/** Returns a path of the site to redirect to. URLs of other sites become `/`. */
function localPath(path: string | null): string {
  return path !== null && /^\/(?![/\\])/.test(path) ? path : "/";
}
