import * as z from "zod";
import {
  MAX_LABELS,
  MAX_REVIEWERS,
  pullRequestBody,
  pullRequestLabel,
  pullRequestReviewer,
  pullRequestTitle,
} from "../repository/pull-request-fields.js";
import { list } from "./bounded-fields.js";
import { optional, withDefault } from "./request-fields.js";
import { named } from "./wire-value.js";

/** The field with the options of the pull request that a sync opens. Blank texts count as omitted. */
export const pullRequestField = optional(
  named(
    "GitHubPullRequestOptions",
    z
      .object({
        title: optional(pullRequestTitle.describe("Defaults to the first line of the commit message")),
        body: optional(pullRequestBody.describe("Defaults to a summary of the sync with its conflicts")),
        labels: optional(list(pullRequestLabel, { max: MAX_LABELS })),
        reviewers: optional(
          list(pullRequestReviewer.describe("A login, or a team as `organization/team`"), { max: MAX_REVIEWERS }),
        ),
        draft: withDefault(z.boolean(), false),
      })
      .describe("The pull request that the sync opens; an open one is not changed. Only with a sync that opens one"),
  ),
);

/** Converts the field to the option of a sync. */
export function toPullRequestOption(field: z.output<typeof pullRequestField>) {
  return field && { ...field, title: field.title || null, body: field.body?.trim() ? field.body : null };
}
