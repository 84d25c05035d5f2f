import * as z from "zod";
import type { FilesRequest } from "../app/github-app.js";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import {
  accessResponseSchema,
  appSyncResponseSchema,
  installationSchema,
  installationTokenSchema,
  installResponseSchema,
  pushResponseSchema,
  toAccessResponse,
  toInstallationResponse,
  toInstallationTokenResponse,
  toInstallLinkResponse,
  toPendingResponse,
  toWrittenFilesResponse,
} from "./app-wire.js";
import { list, record } from "./bounded-fields.js";
import { bindBrowser } from "./browser-cookie.js";
import type { CallingUser } from "./calling-user.js";
import { peopleFields } from "./commit-person-fields.js";
import { createRepositoryRoute } from "./create-repository-route.js";
import {
  allowedSecrets,
  branch,
  chosenState,
  files,
  gitHubToken,
  installationId,
  optional,
  queryNumber,
  repositoryName,
  repositoryOwner,
  requiredCommitMessage,
} from "./request-fields.js";
import { defineRoute, type Route } from "./route.js";
import { named } from "./wire-value.js";

const tag = "GitHub App";

const filesFields = {
  installation_id: installationId,
  repo_owner: repositoryOwner,
  repo_name: repositoryName,
  files,
  commit_message: requiredCommitMessage,
  branch,
  ...peopleFields,
  allow_secrets: allowedSecrets,
};
type FilesBody = z.output<z.ZodObject<typeof filesFields>>;

const installations = defineRoute({
  method: "GET",
  path: "/installations",
  operationId: "listInstallations",
  tag,
  summary: "List the App's installations that the user can access",
  auth: "user",
  input: { headers: z.object({ "x-github-token": gitHubToken.min(1).optional() }) },
  response: z.array(installationSchema),
  errors: [400, 403, 422, 429, 501],
  async handle({ sdk, user, headers: { "x-github-token": token } }) {
    const request = defined({ userId: user.id, token });
    const installations = await sdk.app.installations(request);
    const pending = await sdk.app.pendingInstallations({ userId: user.id }, installations);
    return { body: [...installations.map(toInstallationResponse), ...pending.map(toPendingResponse)] };
  },
});

const token = defineRoute({
  method: "POST",
  path: "/installation/token",
  operationId: "createInstallationToken",
  tag,
  summary: "Create a token for an installation of the user, optionally limited to repositories and permissions",
  auth: "user",
  input: {
    body: named(
      "GitHubAppAuthRequest",
      z.object({
        installation_id: installationId,
        repositories: optional(list(repositoryName, { min: 1, max: 500 })),
        permissions: optional(
          record(z.string().regex(/^[a-z_]{1,100}$/), z.enum(["read", "write", "admin"]), { min: 1, max: 100 }),
        ),
      }),
    ),
  },
  response: installationTokenSchema,
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, body: { installation_id, repositories, permissions } }) {
    const minted = await sdk.app.token(
      defined({
        userId: user.id,
        installationId: installation_id,
        repositories,
        permissions: permissions && Object.fromEntries(permissions),
      }),
    );
    return { body: toInstallationTokenResponse(minted) };
  },
});

const push = defineRoute({
  method: "POST",
  path: "/repositories/push",
  operationId: "pushFiles",
  tag,
  summary: "Write files to a branch in one commit, replacing what is there",
  auth: "user",
  input: { body: named("GitHubAppPushRequest", z.object(filesFields)) },
  sendsFiles: true,
  response: pushResponseSchema,
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, body }) {
    const { commitId, commitUrl, files: pushed, repositoryUrl } = await sdk.app.push(filesRequest(user, body));
    if (commitId === null || commitUrl === null) {
      throw new GitHubSdkError(
        "repository_empty",
        "The repository is empty and no files were given, so there is no commit to return.",
      );
    }
    return {
      body: {
        success: true,
        commit_sha: commitId,
        files_pushed: pushed,
        repository_url: repositoryUrl,
        commit_url: commitUrl,
        branch: body.branch,
      },
    };
  },
});

const sync = defineRoute({
  method: "POST",
  path: "/repositories/sync",
  operationId: "syncFiles",
  tag,
  summary: "Write files to a branch in one commit, unless one of them was changed there by someone else",
  auth: "user",
  input: { body: named("GitHubAppSyncRequest", z.object(filesFields)) },
  sendsFiles: true,
  response: appSyncResponseSchema,
  errors: [400, 403, 404, 422, 429, 501],
  handle: async ({ sdk, user, body }) => ({
    body: toWrittenFilesResponse(await sdk.app.sync(filesRequest(user, body))),
  }),
});

const validateAccess = defineRoute({
  method: "POST",
  path: "/repositories/validate-access",
  operationId: "validateAccess",
  tag,
  summary: "Check whether a user token can access an installation and a repository",
  auth: "user",
  input: {
    body: named(
      "GitHubAppValidateAccessRequest",
      z.object({
        user_access_token: gitHubToken,
        installation_id: installationId,
        repo_owner: repositoryOwner,
        repo_name: repositoryName,
      }),
    ),
  },
  response: accessResponseSchema,
  errors: [422, 429, 501],
  async handle({ sdk, body }) {
    const report = await sdk.app.validateAccess({
      userToken: body.user_access_token,
      installationId: body.installation_id,
      repository: `${body.repo_owner}/${body.repo_name}`,
    });
    return { body: toAccessResponse(report) };
  },
});

const install = defineRoute({
  method: "GET",
  path: "/install",
  operationId: "getInstallUrl",
  tag,
  summary: "Get the URL where the user installs the App",
  auth: "user",
  input: {
    query: z.object({ state: optional(chosenState), suggested_target_id: optional(queryNumber(1)) }),
  },
  response: installResponseSchema,
  errors: [422, 501],
  async handle({ sdk, user, query, request, settings }) {
    const { suggested_target_id: suggestedTargetId } = query;
    const proposed = defined({ suggestedTargetId });
    if (query.state === undefined) {
      return { body: toInstallLinkResponse(await sdk.app.installUrl({ userId: user.id, ...proposed })) };
    }
    const { binding, headers } = bindBrowser(request, settings);
    const begun = { userId: user.id, state: query.state, browser: binding.hash, ...proposed };
    return { headers, body: toInstallLinkResponse(await sdk.app.installUrl(begun)) };
  },
});

/** The endpoints that act as the GitHub App. */
export const appRoutes: readonly Route[] = [
  installations,
  token,
  createRepositoryRoute,
  push,
  sync,
  validateAccess,
  install,
];

function filesRequest(user: CallingUser, body: FilesBody): FilesRequest {
  return {
    userId: user.id,
    installationId: body.installation_id,
    repository: `${body.repo_owner}/${body.repo_name}`,
    message: body.commit_message,
    files: body.files,
    branch: body.branch,
    author: body.author,
    coAuthors: body.co_authors,
    allowSecrets: body.allow_secrets,
  };
}
