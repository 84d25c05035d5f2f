import type { Session } from "../control/identity-settings.js";
import type { Platform } from "../platform.js";

/** Who opens a page. */
export interface Visitor {
  /** Made as a user when there is none. */
  login: string;
  /** Whether they say no. */
  deny?: boolean;
}

/** Where an authorization ended. */
export interface AuthorizationOutcome {
  /** The callback with everything that GitHub added to it. */
  redirectUrl: string;
  /** Empty when there is none. */
  code: string;
  /** As it was sent; undefined when none was. */
  state: string | undefined;
  /** Why there is no code: `access_denied`, `application_suspended`. */
  error: string | undefined;
}

/** Opens a page in a browser of somebody's own. Returns where it leads; throws with the page's text where it leads nowhere. */
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

/** Opens an authorization URL and reads what the callback would get. */
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

/** Who opens an installation page, and what they choose there. */
export interface Installer extends Visitor {
  /** Login of the user or organization; default: what the URL suggests, else their own. */
  account?: string;
  /** Names of repositories, or all. Default: what the URL suggests, else all. */
  repositories?: "all" | readonly string[];
}

/** Where an installation ended. */
export interface InstallationOutcome {
  /** The setup or callback URL with everything that GitHub added to it. */
  redirectUrl: string;
  /** Undefined when an owner has to agree first (`setupAction` is "request"). */
  installationId: number | undefined;
  setupAction: string | undefined;
  /** Empty when the App does not ask for user authorization during installation. */
  code: string;
  state: string | undefined;
}

/** Opens an installation URL and reads what the App's page would get. */
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
