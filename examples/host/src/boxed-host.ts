import { type BoxedGitHub, startBoxedGitHub } from "./boxed-github.js";
import type { HostEnvironment } from "./environment.js";
import { introduction } from "./introduction.js";
import { type CompleteEnvironment, type Host, openHost } from "./open-host.js";
import { type OwnKeys, ownKeys } from "./own-keys.js";
import { putSampleProject, SAMPLE } from "./sample-project.js";
import { sampleToken } from "./sample-token.js";

/** Opens a host without GitHub credentials, with GitHub in a box, generated keys and a sample project. @throws see {@link openHost} */
export async function openBoxedHost(environment: HostEnvironment): Promise<Host> {
  const { dataDir, projects } = environment;
  const keys = await ownKeys(dataDir);
  if (projects.kind === "folder") await putSampleProject(projects.root);
  const github = await startBoxedGitHub();
  try {
    const complete = completed(environment, github, keys);
    const host = await openHost(complete);
    const close = async (): Promise<void> => {
      await host.close();
      await github.close();
    };
    return { ...host, close, announce: (endpoints) => introduceAt(endpoints, complete, github) };
  } catch (error) {
    await github.close();
    throw error;
  }
}

function completed(environment: HostEnvironment, { options }: BoxedGitHub, keys: OwnKeys): CompleteEnvironment {
  const { tokenKey, afterConnectUrl } = environment;
  return {
    ...environment,
    github: { ...options, encryptionKeys: keys.encryptionKeys },
    tokenKey: tokenKey ?? { jwtSecret: keys.jwtSecret },
    afterConnectUrl: afterConnectUrl ?? "/",
  };
}

async function introduceAt(
  endpoints: string,
  { tokenKey, audience, dataDir }: CompleteEnvironment,
  { announce, server, login, repository }: BoxedGitHub,
): Promise<string> {
  announce(endpoints);
  const token = "jwtSecret" in tokenKey ? await sampleToken(SAMPLE.userId, tokenKey.jwtSecret, audience) : null;
  return introduction({ githubUrl: server.serverUrl, login, repository, dataDir, endpoints, token });
}
