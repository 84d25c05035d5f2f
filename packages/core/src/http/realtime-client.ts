import { GitHubSdkError } from "../errors.js";
import type { RealtimeClient } from "../realtime/realtime.js";
import type { CallingUser } from "./calling-user.js";

/** The checks of a client's rights. */
export interface ClientChecks {
  readonly requireProject: (user: CallingUser, projectId: string) => Promise<void>;
  /** Authenticates the client's request again. */
  readonly authenticateAgain: () => Promise<CallingUser>;
}

/** Returns the client of a realtime session. With a ticket it may see the ticket's projects only, until the ticket's end. */
export function realtimeClient(user: CallingUser, { requireProject, authenticateAgain }: ClientChecks): RealtimeClient {
  const { id, grant } = user;
  if (grant === undefined) {
    return {
      userId: id,
      authorizeProject: (projectId) => requireProject(user, projectId),
      authenticateAgain: async () => assertSameUser(user, await authenticateAgain()),
    };
  }
  return {
    userId: id,
    expiresAt: grant.expiresAt,
    authorizeProject: async (projectId) => {
      if (grant.projectIds?.includes(projectId) === false)
        throw new GitHubSdkError("project_not_found", "Project not found.");
      await requireProject(user, projectId);
    },
    // A ticket is used up. The session ends with the token that it was requested with.
    authenticateAgain: async () => undefined,
  };
}

/** @throws GitHubSdkError `unauthenticated` */
function assertSameUser(before: CallingUser, now: CallingUser): void {
  if (now.id !== before.id) throw new GitHubSdkError("unauthenticated", "The token now belongs to a different user.");
}
