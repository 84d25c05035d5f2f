import { SAMPLE } from "./sample-project.js";

/** What a host that runs on GitHub in a box tells whoever started it. */
export interface Introduction {
  readonly githubUrl: string;
  /** Who opens the box's pages. */
  readonly login: string;
  /** `owner/name` of a repository to sync to. */
  readonly repository: string;
  readonly dataDir: string;
  /** Where the endpoints are. */
  readonly endpoints: string;
  /** A bearer token of the sample user; `null` when the host cannot make one. */
  readonly token: string | null;
}

/** Says what the host runs on, and gives lines for a shell that go through the main story: connect, look, sync, look again. */
export function introduction({ githubUrl, login, repository, dataDir, endpoints, token }: Introduction): string {
  const sync = JSON.stringify({ project_id: SAMPLE.projectId, repository_full_name: repository });
  return `No credentials of GitHub are set: this host runs on GitHub in a box, at ${githubUrl}, where you are ${login}.
It ends with the host. What the host itself remembers, and the keys it made, are in ${dataDir}.

Try it:

  TOKEN=${token ?? "a token of yours"}
  API=${endpoints}

  # Connect an account. The box's page agrees at once and leads back to the host.
  URL=$(curl -s -c cookies.txt -H "Authorization: Bearer $TOKEN" $API/auth/login | sed 's/.*"authorization_url":"\\([^"]*\\)".*/\\1/')
  curl -sL -b cookies.txt -o /dev/null -w '%{url_effective}\\n' "$URL"
  curl -s -H "Authorization: Bearer $TOKEN" $API/connection/status

  # Put the sample project into a repository, and look at what came of it.
  curl -s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' $API/sync/project -d '${sync}'
  curl -s -H "Authorization: Bearer $TOKEN" $API/sync/history/${SAMPLE.projectId}
  git clone ${githubUrl}/${repository}.git
`;
}
