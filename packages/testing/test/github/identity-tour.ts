import type { GitHubBox, OAuthClient } from "../../src/index.js";
import { type Api, type ApiAnswer, apiClient } from "./api-client.js";
import type { Stop } from "./tour.js";

type Visit = (stop: Stop, answer: ApiAnswer) => void | Promise<void>;

/** Goes through what the REST side offers to applications, successes and refusals. `visit` sees each stop with its answer. */
export async function identityTour(box: GitHubBox, visit: Visit): Promise<void> {
  await tokenManagement(box, visit);
}

/** A client whose answers are visited. */
function guide(api: Api, visit: Visit): Api {
  return async (method, path, body, headers = {}) => {
    const answer = await api(method, path, body, headers);
    await visit({ method, path, body }, answer);
    return answer;
  };
}

/** Lets a user authorize an application. Returns the token. */
export async function connect(box: GitHubBox, client: OAuthClient, login: string): Promise<string> {
  const { clientId: client_id, clientSecret: client_secret } = client;
  const { code } = await box.authorize(`https://github.com/login/oauth/authorize?client_id=${client_id}`, { login });
  const response = await box.fetch(
    new Request("https://github.com/login/oauth/access_token", {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ client_id, client_secret, code }),
    }),
  );
  return ((await response.json()) as { access_token: string }).access_token;
}

async function tokenManagement(box: GitHubBox, visit: Visit): Promise<void> {
  const client = box.addOAuthApp({ callbackUrls: ["https://host.test/callback"] });
  const authorization = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64")}`;
  const go = guide((method, path, body) => apiClient(box)(method, path, body, { authorization }), visit);
  const at = `/applications/${client.clientId}`;
  const access_token = await connect(box, client, "octocat");
  await go("POST", `${at}/token`, { access_token });
  await go("POST", `${at}/token`, {});
  const reset = await go("PATCH", `${at}/token`, { access_token });
  await go("POST", `${at}/token`, { access_token });
  await go("DELETE", `${at}/token`, { access_token: reset.body.token });
  await go("DELETE", `${at}/grant`, { access_token: await connect(box, client, "octocat") });
}
