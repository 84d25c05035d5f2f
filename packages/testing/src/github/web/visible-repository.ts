import type { Account } from "../accounts/account.js";
import type { WebCall } from "../http/web-route.js";
import { roleOf } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";

/** Returns the repository in the path, also by a former name; `undefined` when the user cannot see it. */
export function visibleRepository({ platform, params, session }: WebCall): BoxRepository | undefined {
  const { owner = "", repo = "" } = params;
  const { repositories } = platform;
  const repository = repositories.find(owner, repo) ?? repositories.findFormer(owner, repo);
  return repository !== undefined && canView(session?.user, repository) ? repository : undefined;
}

/** True when a user, or a visitor who is not signed in, can see a repository. */
export function canView(user: Account | undefined, repository: BoxRepository): boolean {
  return roleOf(user, repository) !== "none";
}
