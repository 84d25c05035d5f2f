import { createPrivateKey } from "node:crypto";
import { SignJWT } from "jose";
import { z } from "zod";
import type { Step } from "../step.js";
import type { AppAccess, Target } from "../target.js";

const tokenSchema = z.object({ token: z.string() });
const installationSchema = z.object({ account: z.object({ login: z.string(), type: z.string() }) });
const deliveriesSchema = z.array(z.object({ id: z.number() }));

/** Acts as a GitHub App: tokens, clock skew, repositories, signed commits, deliveries. */
export const app: Step = {
  number: 13,
  title: "GitHub App",
  skip: (service) =>
    service.app === null ? "GITHUB_APP_ID, GITHUB_PRIVATE_KEY and GITHUB_INSTALLATION_ID are not set" : null,
  run: async (target) => {
    const access = target.service.app;
    if (access === null) return;
    const as = async (skewSeconds = 0) => ({ authorization: `Bearer ${await jwt(access, skewSeconds)}` });
    await target.must("app", "GET", "/app", undefined, await as());
    const ahead = await target.rest("app with a clock 5 minutes ahead", "GET", "/app", undefined, await as(300));
    await target.rest("app with a clock 20 minutes behind", "GET", "/app", undefined, await as(-1_200));
    target.settle("A JWT from a clock that is 5 minutes ahead", `status ${ahead.status}`);
    const at = `/app/installations/${access.installationId}`;
    const { account } = installationSchema.parse(
      (await target.must("installation", "GET", at, undefined, await as())).body,
    );
    const minted = await target.must("token", "POST", `${at}/access_tokens`, {}, await as());
    const narrow = { permissions: { metadata: "read" } };
    await target.rest("narrowed token", "POST", `${at}/access_tokens`, narrow, await as());
    const wide = { permissions: { administration: "admin" } };
    await target.rest("token with a permission that does not exist", "POST", `${at}/access_tokens`, wide, await as());
    const installation = { authorization: `Bearer ${tokenSchema.parse(minted.body).token}` };
    await target.graphql("viewer", "query { viewer { login } }", {}, installation);
    await target.rest("repositories", "GET", "/installation/repositories?per_page=1", undefined, installation);
    await target.rest("user", "GET", "/user", undefined, installation);
    if (account.type === "Organization") await createByApp(target, account.login, installation);
    await deliveries(target, await as());
  },
};

async function jwt({ appId, privateKey }: AppAccess, skewSeconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1_000) + skewSeconds;
  return new SignJWT()
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer(String(appId))
    .setIssuedAt(now)
    .setExpirationTime(now + 540)
    .sign(createPrivateKey(privateKey.replaceAll("\\n", "\n")));
}

/** Creates a repository with the installation's token, and a commit in it. */
async function createByApp(target: Target, owner: string, as: { authorization: string }): Promise<void> {
  const name = `${target.repository}-app`;
  target.created.add(`${owner}/${name}`);
  const body = { name, private: true, auto_init: true };
  const created = await target.rest("create a repository", "POST", `/orgs/${owner}/repos`, body, as);
  if (created.status >= 400) return;
  const reached = await target.rest("read the new repository", "GET", `/repos/${owner}/${name}`, undefined, as);
  target.settle("An installation reaches the repository that it created", reached.status === 200 ? "yes" : "no");
  const file = { message: "signed", content: Buffer.from("signed").toString("base64") };
  await target.rest("signed commit", "PUT", `/repos/${owner}/${name}/contents/signed.txt`, file, as);
}

/** Reads the delivery log and requests a delivery again. */
async function deliveries(target: Target, as: { authorization: string }): Promise<void> {
  const log = await target.rest("delivery log", "GET", "/app/hook/deliveries?per_page=2", undefined, as);
  const [first] = deliveriesSchema.safeParse(log.body).data ?? [];
  if (first === undefined) return;
  await target.rest("delivery", "GET", `/app/hook/deliveries/${first.id}`, undefined, { ...as, isLarge: true });
  await target.rest("redelivery", "POST", `/app/hook/deliveries/${first.id}/attempts`, undefined, as);
}
