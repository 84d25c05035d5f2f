import { SAMPLE } from "./sample-project.js";

/** The facts in the text that a host on GitHub in a box prints when it starts. */
export interface Introduction {
  readonly githubUrl: string;
  /** The user who is signed in on the box's pages. */
  readonly login: string;
  /** A repository to sync to, as `owner/name`. */
  readonly repository: string;
  readonly dataDir: string;
  /** The base URL of the endpoints. */
  readonly endpoints: string;
  /** A bearer token of the sample user; `null` when the host has no secret to sign one. */
  readonly token: string | null;
}

/** Returns a text with shell commands that connect an account, sync the sample project and show the result. */
export function introduction({ githubUrl, login, repository, dataDir, endpoints, token }: Introduction): string {
  const page = `${new URL(endpoints).origin}/#${new URLSearchParams({ ...(token === null ? {} : { token }), project: SAMPLE.projectId })}`;
  const sync = JSON.stringify({ project_id: SAMPLE.projectId, repository_full_name: repository });
  return `No GitHub credentials are set. This host runs on GitHub in a box at ${githubUrl}, where you are signed in as ${login}.
The box is discarded when the host stops. The host's database and generated keys are kept in ${dataDir}.

Open the dashboard with the sample project. The address signs you in:

  ${page}

Or use the endpoints:

  TOKEN=${token ?? "YOUR_BEARER_TOKEN"}
  API=${endpoints}

  # Connect an account. The box authorizes at once and redirects to the host.
  URL=$(curl -s -c cookies.txt -H "Authorization: Bearer $TOKEN" $API/auth/login | sed 's/.*"authorization_url":"\\([^"]*\\)".*/\\1/')
  curl -sL -b cookies.txt -o /dev/null -w '%{url_effective}\\n' "$URL"
  curl -s -H "Authorization: Bearer $TOKEN" $API/connection/status

  # Sync the sample project to a repository, and show the history and the result.
  curl -s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' $API/sync/project -d '${sync}'
  curl -s -H "Authorization: Bearer $TOKEN" $API/sync/history/${SAMPLE.projectId}
  git clone ${githubUrl}/${repository}.git

  # To use a GitHub App of your own in place of the demo's, open this page and click through.
  ${endpoints}/app/manifest
`;
}
