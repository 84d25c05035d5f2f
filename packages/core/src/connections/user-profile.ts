import * as z from "zod";

/** A GitHub account as its owner sees it. */
export interface UserProfile {
  /** GitHub's numeric user ID, which does not change when the login does. */
  readonly id: number;
  readonly login: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly avatarUrl: string | null;
  readonly htmlUrl: string | null;
  readonly company: string | null;
  readonly location: string | null;
  readonly bio: string | null;
  readonly publicRepos: number | null;
  readonly followers: number | null;
  readonly following: number | null;
  readonly createdAt: Date | null;
}

const text = z.string().nullish().default(null);
const count = z.number().int().nullish().default(null);

const userSchema = z
  .object({
    id: z.number().int(),
    login: z.string().min(1),
    email: text,
    name: text,
    avatar_url: text,
    html_url: text,
    company: text,
    location: text,
    bio: text,
    public_repos: count,
    followers: count,
    following: count,
    created_at: z.coerce.date().nullish().default(null),
  })
  .transform(
    ({ avatar_url, html_url, public_repos, created_at, ...same }): UserProfile => ({
      ...same,
      avatarUrl: avatar_url,
      htmlUrl: html_url,
      publicRepos: public_repos,
      createdAt: created_at,
    }),
  );

/**
 * Parses a response of `GET /user`. Returns `null` when it contains no account.
 *
 * @see https://docs.github.com/en/rest/users/users#get-the-authenticated-user
 */
export function parseUserProfile(data: unknown): UserProfile | null {
  return userSchema.safeParse(data).data ?? null;
}
