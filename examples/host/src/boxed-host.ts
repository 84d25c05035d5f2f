import type { AppCreation } from "./app-creation.js";
import type { BoxedGitHub } from "./boxed-github.js";
import { type HostEnvironment, readHttp } from "./environment.js";
import { introduction } from "./introduction.js";
import { type CompleteEnvironment, type Host, openHost } from "./open-host.js";
import { type OwnKeys, ownKeys } from "./own-keys.js";
import { putSampleProject, SAMPLE } from "./sample-project.js";
import { sampleToken } from "./sample-token.js";

/** Opens a host without GitHub credentials, on GitHub in a box, with generated keys and a sample project. @throws see {@link openHost} */
export async function openBoxedHost(
  environment: HostEnvironment,
  github: BoxedGitHub,
  creation: AppCreation | null,
): Promise<Host> {
  const { dataDir, projects } = environment;
  const keys = await ownKeys(dataDir);
  if (projects.kind === "folder") await putSampleProject(projects.root);
  const host = await openHost(completed(environment, github, keys), creation);
  return {
    ...host,
    announce: (endpoints) => introduceAt(endpoints, environment, tokenSecret(environment, keys), github),
  };
}

function completed(environment: HostEnvironment, { options }: BoxedGitHub, keys: OwnKeys): CompleteEnvironment {
  const http = environment.http ?? readHttp({ ...environment.variables, SUPABASE_JWT_SECRET: keys.jwtSecret });
  return {
    ...environment,
    // The box has no rate limits.
    github: { ...options, encryptionKeys: keys.encryptionKeys, rateBudget: null },
    http: { afterConnectUrl: "/", ...http },
  };
}

/** Returns the secret that signs bearer tokens; `null` when the environment has public keys instead. */
function tokenSecret({ http, variables }: HostEnvironment, keys: OwnKeys): string | null {
  return http === null ? keys.jwtSecret : variables.SUPABASE_JWT_SECRET?.trim() || null;
}

async function introduceAt(
  endpoints: string,
  { variables, dataDir }: HostEnvironment,
  secret: string | null,
  { announce, server, login, repository }: BoxedGitHub,
): Promise<string> {
  announce(endpoints);
  const audience = variables.SUPABASE_JWT_AUDIENCE?.trim() || "authenticated";
  const token = secret === null ? null : await sampleToken(SAMPLE.userId, secret, audience);
  return introduction({ githubUrl: server.serverUrl, login, repository, dataDir, endpoints, token });
}
