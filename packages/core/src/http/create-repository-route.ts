import * as z from "zod";
import { MAX_TOPICS, TOPIC } from "../app/new-repository.js";
import { defined } from "../defined.js";
import { appRepositorySchema, toAppRepositoryResponse } from "./app-wire.js";
import { list } from "./bounded-fields.js";
import {
  installationId,
  optional,
  repositoryFullName,
  repositoryName,
  repositoryOwner,
  withDefault,
} from "./request-fields.js";
import { defineRoute } from "./route.js";
import { named } from "./wire-value.js";

const topic = z.string().regex(TOPIC, "must be up to 50 letters, digits and hyphens");
const templateName = z
  .string()
  .regex(/^[\w.+ -]{1,100}$/, "must be up to 100 letters, digits, spaces and any of . + - _");

/** `POST /repositories`. */
export const createRepositoryRoute = defineRoute({
  method: "POST",
  path: "/repositories",
  operationId: "createRepository",
  tag: "GitHub App",
  summary: "Create a repository in the account where the App is installed",
  auth: "user",
  input: {
    body: named(
      "GitHubAppCreateRepoRequest",
      z.object({
        installation_id: installationId,
        name: repositoryName,
        description: optional(z.string().max(350)),
        private: optional(z.boolean().describe("Defaults to `true`, or to what `visibility` says")),
        owner: optional(repositoryOwner),
        if_exists: withDefault(
          z.enum(["fail", "use"]).describe("`use` returns an existing repository that the installation can access"),
          "fail",
        ),
        visibility: optional(
          z.enum(["public", "private", "internal"]).describe("`internal` is for organizations of an enterprise"),
        ),
        topics: optional(list(topic, { max: MAX_TOPICS })),
        template: optional(
          repositoryFullName.describe("The template repository, as `owner/repo`, whose default branch is copied"),
        ),
        auto_init: optional(z.boolean().describe("Create a first commit with a README")),
        gitignore_template: optional(templateName.describe("The name of a `.gitignore` template, such as `Terraform`")),
        license_template: optional(templateName.describe("The key of a license, such as `mit`")),
      }),
    ),
  },
  response: appRepositorySchema,
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, body }) {
    const made = await sdk.app.createRepository(
      defined({
        userId: user.id,
        installationId: body.installation_id,
        name: body.name,
        description: body.description,
        private: body.private,
        owner: body.owner,
        ifExists: body.if_exists,
        visibility: body.visibility,
        topics: body.topics,
        template: body.template,
        autoInit: body.auto_init,
        gitignoreTemplate: body.gitignore_template,
        licenseTemplate: body.license_template,
      }),
    );
    return { body: toAppRepositoryResponse(made) };
  },
});
