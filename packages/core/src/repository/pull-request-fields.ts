import * as z from "zod";

/** The most labels of one pull request: GitHub's limit. */
export const MAX_LABELS = 100;
/** The most reviewers of one pull request: GitHub's limit. */
export const MAX_REVIEWERS = 15;
const MAX_TITLE_LENGTH = 256;
const MAX_BODY_LENGTH = 65_536;
const MAX_LABEL_LENGTH = 50;
const MAX_REVIEWER_LENGTH = 150;

const REVIEWER = /^(?:[A-Za-z0-9][\w-]{0,99}(?:\[bot\])?|[A-Za-z0-9][\w-]{0,99}\/[A-Za-z0-9][\w.-]{0,99})$/;

/** The title of a pull request. */
export const pullRequestTitle = z
  .string()
  .max(MAX_TITLE_LENGTH, { abort: true, error: `must have at most ${MAX_TITLE_LENGTH} characters` })
  .regex(/^[^\p{Cc}\p{Surrogate}]*$/u, "must be one line of well-formed text without control characters")
  .trim();

/** The body of a pull request, as Markdown. */
export const pullRequestBody = z
  .string()
  .max(MAX_BODY_LENGTH, { abort: true, error: `must have at most ${MAX_BODY_LENGTH} characters` })
  .regex(
    /^(?:[\t\n\r]|[^\p{Cc}\p{Surrogate}])*$/u,
    "must be well-formed Unicode without control characters other than line breaks and tab",
  );

/** The name of a label. GitHub creates the label if the repository does not have it. */
export const pullRequestLabel = z
  .string()
  .max(MAX_LABEL_LENGTH, { abort: true, error: `must have at most ${MAX_LABEL_LENGTH} characters` })
  .regex(/^[^\p{Cc}\p{Surrogate}]*$/u, "must be one line of well-formed text without control characters")
  .trim()
  .min(1, "must not be blank");

/** A user or a team that is requested to review. */
export const pullRequestReviewer = z
  .string()
  .max(MAX_REVIEWER_LENGTH, { abort: true, error: `must have at most ${MAX_REVIEWER_LENGTH} characters` })
  .regex(REVIEWER, "must be a GitHub login, or a team as organization/team");
