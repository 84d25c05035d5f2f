import type { RepositoryRoute, Route } from "../http/route.js";
import { appRoutes } from "./app.js";
import { appHookRoutes } from "./app-hook.js";
import { blobRoutes } from "./blobs.js";
import { branchRoutes } from "./branches.js";
import { commitRoutes } from "./commits.js";
import { contentRoutes } from "./contents.js";
import { gitCommitRoutes } from "./git-commits.js";
import { installationRoutes } from "./installations.js";
import { membershipRoutes } from "./memberships.js";
import { metaRoutes } from "./meta.js";
import { oauthApplicationRoutes } from "./oauth-applications.js";
import { pullRequestReviewRoutes } from "./pull-request-review.js";
import { pullRoutes } from "./pulls.js";
import { refRoutes } from "./refs.js";
import { repositoryRoutes } from "./repositories.js";
import { repositoryCreationRoutes } from "./repository-creation.js";
import { topicRoutes } from "./topics.js";
import { treeRoutes } from "./trees.js";
import { userRoutes } from "./users.js";

/** All REST routes of the box. The first match wins, so longer templates precede shorter ones. */
export const ROUTES: readonly (Route | RepositoryRoute)[] = [
  ...metaRoutes,
  ...userRoutes,
  ...oauthApplicationRoutes,
  ...appRoutes,
  ...appHookRoutes,
  ...installationRoutes,
  ...membershipRoutes,
  ...blobRoutes,
  ...treeRoutes,
  ...gitCommitRoutes,
  ...refRoutes,
  ...contentRoutes,
  ...commitRoutes,
  ...branchRoutes,
  ...pullRequestReviewRoutes,
  ...pullRoutes,
  ...topicRoutes,
  ...repositoryCreationRoutes,
  ...repositoryRoutes,
];
