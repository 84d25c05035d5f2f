import * as z from "zod";
import type { StartedAuthorization } from "../connections/authorizations.js";
import type { ConnectionStatus } from "../connections/connection-status.js";
import type { Disconnected } from "../connections/connections.js";
import type { UserProfile } from "../connections/user-profile.js";
import type { RepositoryPage, UserRepository } from "../connections/user-repositories.js";
import { countSchema, named, timeSchema, toWireTimeOrNull } from "./wire-value.js";

export const authResponseSchema = named(
  "GitHubAuthResponse",
  z.object({ authorization_url: z.string(), state: z.string() }),
);

export const userProfileSchema = named(
  "GitHubUserProfile",
  z.object({
    id: z.int(),
    login: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    avatar_url: z.string().nullable(),
    html_url: z.string().nullable(),
    company: z.string().nullable(),
    location: z.string().nullable(),
    bio: z.string().nullable(),
    public_repos: countSchema.nullable(),
    followers: countSchema.nullable(),
    following: countSchema.nullable(),
    created_at: timeSchema.nullable(),
  }),
);

export const connectionStatusSchema = named(
  "GitHubConnectionStatus",
  z.object({
    connected: z.boolean(),
    username: z.string().nullable(),
    connected_at: timeSchema.nullable(),
    repositories_count: countSchema.nullable(),
    permissions: z.array(z.string()).nullable(),
    reauth_required: z.boolean(),
    missing_permissions: z.array(z.string()),
  }),
);

export const disconnectResponseSchema = named(
  "GitHubDisconnectResponse",
  z.object({ success: z.boolean(), message: z.string(), token_revoked: z.boolean() }),
);

export const repositorySchema = named(
  "GitHubRepository",
  z.object({
    id: z.int(),
    name: z.string(),
    full_name: z.string(),
    description: z.string().nullable(),
    private: z.boolean(),
    html_url: z.string(),
    clone_url: z.string(),
    ssh_url: z.string(),
    default_branch: z.string(),
    permissions: z.record(z.string(), z.boolean()).nullable(),
    owner: z.object({
      login: z.string(),
      id: z.int(),
      type: z.string().nullable(),
      avatar_url: z.string().nullable(),
      html_url: z.string().nullable(),
    }),
    created_at: timeSchema.nullable(),
    updated_at: timeSchema.nullable(),
    pushed_at: timeSchema.nullable(),
  }),
);

export const repositoryListSchema = named(
  "GitHubRepositoryList",
  z.object({ repositories: z.array(repositorySchema), total_count: countSchema, page: z.int(), per_page: z.int() }),
);

/** A GitHub account, as the endpoints return it. */
export type GitHubUserProfile = z.infer<typeof userProfileSchema>;
/** The state of a user's connection with GitHub, as the endpoints return it. */
export type GitHubConnectionStatus = z.infer<typeof connectionStatusSchema>;
/** A repository, as the endpoints return it. */
export type GitHubRepository = z.infer<typeof repositorySchema>;

/** Converts a started authorization to `GitHubAuthResponse`. */
export function toAuthorizationResponse({ url, state }: StartedAuthorization): z.infer<typeof authResponseSchema> {
  return { authorization_url: url, state };
}

/** Converts an account to `GitHubUserProfile`. */
export function toProfileResponse(profile: UserProfile): GitHubUserProfile {
  return {
    id: profile.id,
    login: profile.login,
    email: profile.email,
    name: profile.name,
    avatar_url: profile.avatarUrl,
    html_url: profile.htmlUrl,
    company: profile.company,
    location: profile.location,
    bio: profile.bio,
    public_repos: profile.publicRepos,
    followers: profile.followers,
    following: profile.following,
    created_at: toWireTimeOrNull(profile.createdAt),
  };
}

/** Converts a connection's status to `GitHubConnectionStatus`. */
export function toConnectionStatusResponse(status: ConnectionStatus): GitHubConnectionStatus {
  return {
    connected: status.connected,
    username: status.login,
    connected_at: toWireTimeOrNull(status.connectedAt),
    repositories_count: status.repositoriesCount,
    permissions: status.permissions === null ? null : [...status.permissions],
    reauth_required: status.reauthRequired,
    missing_permissions: [...status.missingPermissions],
  };
}

/** Converts the result of a disconnect to `GitHubDisconnectResponse`. */
export function toDisconnectResponse({ login, tokenRevoked }: Disconnected): z.infer<typeof disconnectResponseSchema> {
  return { success: true, message: `The GitHub account ${login} is disconnected.`, token_revoked: tokenRevoked };
}

/** Converts a repository to `GitHubRepository`. */
export function toRepositoryResponse(repository: UserRepository): GitHubRepository {
  const { owner } = repository;
  return {
    id: repository.id,
    name: repository.name,
    full_name: repository.fullName,
    description: repository.description,
    private: repository.private,
    html_url: repository.htmlUrl,
    clone_url: repository.cloneUrl,
    ssh_url: repository.sshUrl,
    default_branch: repository.defaultBranch,
    permissions: repository.permissions,
    owner: {
      login: owner.login,
      id: owner.id,
      type: owner.type,
      avatar_url: owner.avatarUrl,
      html_url: owner.htmlUrl,
    },
    created_at: toWireTimeOrNull(repository.createdAt),
    updated_at: toWireTimeOrNull(repository.updatedAt),
    pushed_at: toWireTimeOrNull(repository.pushedAt),
  };
}

/** Converts a page of repositories to `GitHubRepositoryList`. */
export function toRepositoryListResponse(found: RepositoryPage): z.infer<typeof repositoryListSchema> {
  return {
    repositories: found.repositories.map(toRepositoryResponse),
    total_count: found.totalCount,
    page: found.page,
    per_page: found.perPage,
  };
}
