import * as z from "zod";
import type { CommitAuthor } from "../domain/commit-author.js";
import { GitHubSdkError } from "../errors.js";
import { fieldErrors, issueText } from "../issue-text.js";
import { cleanIdentity } from "./commit.js";

const MAX_NAME_LENGTH = 200;
const MAX_EMAIL_LENGTH = 254;

/** The most co-authors of one commit. */
export const MAX_CO_AUTHORS = 50;

/** An author or co-author of a commit. Git does not allow `<`, `>` and control characters in either field. */
export const commitPerson = z.object({
  name: z
    .string()
    .max(MAX_NAME_LENGTH, { abort: true })
    .regex(/^[^<>\p{Cc}\p{Surrogate}]*$/u, "must not contain <, > or control characters")
    .refine((name) => cleanIdentity(name) !== "", "must contain a letter or a digit"),
  email: z
    .string()
    .max(MAX_EMAIL_LENGTH, { abort: true })
    .regex(/^[^\s<>@\p{Cc}\p{Surrogate}]+@[^\s<>@\p{Cc}\p{Surrogate}]+$/u, "must be an email address"),
});

const people = z.object({
  author: commitPerson.optional(),
  coAuthors: z.array(commitPerson).max(MAX_CO_AUTHORS).optional(),
});

/** The people of a request that a commit names. */
export interface CommitPeople {
  readonly author?: CommitAuthor | undefined;
  readonly coAuthors?: readonly CommitAuthor[] | undefined;
}

/** Validates the people of a commit. @throws GitHubSdkError `validation_failed` that names the field */
export function parseCommitPeople(request: CommitPeople): Required<{
  readonly author: CommitAuthor | null;
  readonly coAuthors: readonly CommitAuthor[];
}> {
  const parsed = people.safeParse({ author: request.author, coAuthors: request.coAuthors });
  if (parsed.success) return { author: parsed.data.author ?? null, coAuthors: parsed.data.coAuthors ?? [] };
  const { issues } = parsed.error;
  throw new GitHubSdkError("validation_failed", `The request is not valid. ${issueText(issues, "request")}.`, {
    details: { errors: fieldErrors(issues) },
  });
}
