import { api, BASE_PATH, failureOf, textOf } from "../api.js";
import { notify } from "./notice.js";
import { resource } from "./resource.js";

/** The state of the user's GitHub account. */
export const connection = resource((signal) => api.getConnectionStatus({}, { signal }));

/** The installations of the host's GitHub App that the user can access. */
export const installations = resource((signal) => api.listInstallations({}, { signal }));

/** True when this user may create the host's GitHub App. */
export const canCreateApp = resource(async (signal) => {
  const response = await fetch(`${BASE_PATH}/app/manifest`, { method: "HEAD", signal });
  return response.ok;
});

/** The page that creates the host's GitHub App. */
export const CREATE_APP_PAGE = `${BASE_PATH}/app/manifest`;

/** Sends the browser to GitHub, which returns to this page. */
export async function connect(client?: "oauth" | "app"): Promise<void> {
  await leaveFor(async () => {
    return (await api.beginAuthorization(client === undefined ? {} : { client })).authorization_url;
  });
}

/** Sends the browser to GitHub's page that installs the host's App. */
export async function install(): Promise<void> {
  await leaveFor(async () => {
    // A state binds the installation to this browser, in case GitHub asks for the user's authorization as well.
    const state = crypto.randomUUID();
    return (await api.getInstallUrl({ state })).installation_url;
  });
}

export async function disconnect(): Promise<void> {
  try {
    await api.disconnect();
    notify("good", "GitHub is disconnected, and the token was revoked.");
  } catch (error) {
    notify("bad", textOf(failureOf(error)));
  }
  installations.clear();
  await connection.load();
}

async function leaveFor(url: () => Promise<string>): Promise<void> {
  try {
    location.assign(await url());
  } catch (error) {
    notify("bad", textOf(failureOf(error)));
  }
}
