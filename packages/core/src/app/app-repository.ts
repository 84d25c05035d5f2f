import * as z from "zod";

/** A repository of the account in which the App is installed. */
export interface AppRepository {
  readonly id: number;
  readonly name: string;
  /** `owner/name`. */
  readonly fullName: string;
  readonly description: string | null;
  readonly private: boolean;
  readonly htmlUrl: string;
  readonly cloneUrl: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The schema of a repository in GitHub's API. */
export const appRepositorySchema = z
  .object({
    id: z.int(),
    name: z.string(),
    full_name: z.string(),
    description: z.string().nullish().default(null),
    private: z.boolean(),
    html_url: z.string(),
    clone_url: z.string(),
    created_at: z.coerce.date(),
    updated_at: z.coerce.date(),
  })
  .transform(
    (created): AppRepository => ({
      id: created.id,
      name: created.name,
      fullName: created.full_name,
      description: created.description,
      private: created.private,
      htmlUrl: created.html_url,
      cloneUrl: created.clone_url,
      createdAt: created.created_at,
      updatedAt: created.updated_at,
    }),
  );
