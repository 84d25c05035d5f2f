import type { Session } from "../control/identity-settings.js";
import type { Platform } from "../platform.js";

/** A user who opens a page. */
export interface Visitor {
  /** Created as a user if it does not exist. */
  login: string;
  /** True when the user denies the request. Defaults to false. */
  deny?: boolean;
}

/** The result of an authorization. */
export interface AuthorizationOutcome {
  /** The callback URL with GitHub's parameters. */
  redirectUrl: string;
  /** Empty when the authorization failed. */
  code: string;
  /** The `state` of the request; `undefined` without one. */
  state: string | undefined;
  /** Error code such as `access_denied` or `application_suspended`. */
  error: string | undefined;
}

/** Opens a page in a new session of a user. Returns the redirect; throws with the page's text when it does not redirect. */
async function visit(
  platform: Platform,
  fetch: (request: Request) => Promise<Response>,
  url: string,
  { login, deny = false }: Visitor,
  choice: Session["choice"] = {},
): Promise<URL> {
  const cookie = platform.identity.open({ user: platform.accounts.ensure(login), deny, choice });
  try {
    const response = await fetch(new Request(url, { headers: { cookie: `user_session=${cookie}` } }));
    const location = response.headers.get("location");
    if (location !== null) return new URL(location);
    const text = /<h1>(.*)<\/h1>/.exec(await response.text())?.[1] ?? "";
    throw new Error(`GitHub shows a page (${response.status}): ${text}`);
  } finally {
    platform.identity.close(cookie);
  }
}

/** Opens an authorization URL as a user and parses the redirect. */
export async function visitAuthorization(
  platform: Platform,
  fetch: (request: Request) => Promise<Response>,
  url: string,
  who: Visitor,
): Promise<AuthorizationOutcome> {
  const { href, searchParams } = await visit(platform, fetch, url, who);
  return {
    redirectUrl: href,
    code: searchParams.get("code") ?? "",
    state: searchParams.get("state") ?? undefined,
    error: searchParams.get("error") ?? undefined,
  };
}

/** A user who opens an installation page, with the choices on it. */
export interface Installer extends Visitor {
  /** Login of the user or organization. Defaults to the account that the URL suggests, or to the user's own. */
  account?: string;
  /** Names of repositories, or `all`. Defaults to the repositories that the URL suggests, or to `all`. */
  repositories?: "all" | readonly string[];
}

/** The result of an installation. */
export interface InstallationOutcome {
  /** The setup or callback URL with GitHub's parameters. */
  redirectUrl: string;
  /** `undefined` when an owner has to approve the request (`setupAction` is "request"). */
  installationId: number | undefined;
  setupAction: string | undefined;
  /** Empty when the App does not request user authorization during installation. */
  code: string;
  state: string | undefined;
}

/** Opens an installation URL as a user and parses the redirect. */
export async function visitInstallation(
  platform: Platform,
  fetch: (request: Request) => Promise<Response>,
  url: string,
  { account, repositories, ...who }: Installer,
): Promise<InstallationOutcome> {
  const choice = {
    ...(account === undefined ? {} : { account }),
    ...(repositories === undefined ? {} : { repositories }),
  };
  const { href, searchParams } = await visit(platform, fetch, url, who, choice);
  const id = searchParams.get("installation_id");
  return {
    redirectUrl: href,
    installationId: id === null ? undefined : Number(id),
    setupAction: searchParams.get("setup_action") ?? undefined,
    code: searchParams.get("code") ?? "",
    state: searchParams.get("state") ?? undefined,
  };
}

/** The result of the creation of a GitHub App from a manifest. */
export interface AppCreationOutcome {
  /** The manifest's `redirect_url` with GitHub's parameters. */
  redirectUrl: string;
  /** The code for the App's credentials. */
  code: string;
  /** The `state` of the request; `undefined` without one. */
  state: string | undefined;
}

/** Posts a manifest as the form of another site does, and creates the App as a user. */
export async function visitNewApp(
  platform: Platform,
  fetch: (request: Request) => Promise<Response>,
  { url, manifest }: { url: string; manifest: string },
  who: Visitor,
): Promise<AppCreationOutcome> {
  const posted = await fetch(
    new Request(url, { method: "POST", body: new URLSearchParams({ manifest }), redirect: "manual" }),
  );
  const draft = posted.headers.get("location");
  if (draft === null)
    throw new Error(`GitHub rejects the manifest: ${/<h1>(.*)<\/h1>/.exec(await posted.text())?.[1] ?? ""}`);
  const { href, searchParams } = await visit(platform, fetch, new URL(draft, url).href, who);
  return {
    redirectUrl: href,
    code: searchParams.get("code") ?? "",
    state: searchParams.get("state") ?? undefined,
  };
}

/** Enters the code of a device as a user. Throws with the page's text when the code is wrong or has expired. */
export async function visitDevice(
  platform: Platform,
  fetch: (request: Request) => Promise<Response>,
  userCode: string,
  { login, deny = false }: Visitor,
): Promise<void> {
  const cookie = platform.identity.open({ user: platform.accounts.ensure(login), deny });
  try {
    const headers = { cookie: `user_session=${cookie}` };
    const body = new URLSearchParams({ user_code: userCode });
    const url = `${platform.addresses.html}/login/device`;
    const response = await fetch(new Request(url, { method: "POST", headers, body }));
    const text = /<strong>(.*)<\/strong>/.exec(await response.text())?.[1] ?? "";
    if (!response.ok) throw new Error(`GitHub shows a page (${response.status}): ${text}`);
  } finally {
    platform.identity.close(cookie);
  }
}
