import { appManifestCases } from "./cases/app-manifest.js";
import { authenticationCases } from "./cases/authentication.js";
import { branchCases } from "./cases/branches.js";
import { browserCallbackCases } from "./cases/browser-callback.js";
import { commitPeopleCases } from "./cases/commit-people.js";
import { connectionCases } from "./cases/connection.js";
import { eventCases } from "./cases/events.js";
import { healthCases } from "./cases/health.js";
import { installationFileCases } from "./cases/installation-files.js";
import { installationRepositoryCases } from "./cases/installation-repositories.js";
import { installationRequestCases } from "./cases/installation-requests.js";
import { installationCases } from "./cases/installations.js";
import { limitCases } from "./cases/limits.js";
import { loginCases } from "./cases/login.js";
import { openapiCases } from "./cases/openapi.js";
import { repositoryCases } from "./cases/repositories.js";
import { repositoryCreationCases } from "./cases/repository-creation.js";
import { requestCases } from "./cases/requests.js";
import { secretCases } from "./cases/secrets.js";
import { syncAgainCases } from "./cases/sync-again.js";
import { syncCancelCases } from "./cases/sync-cancel.js";
import { syncConflictCases } from "./cases/sync-conflicts.js";
import { syncDirectionCases } from "./cases/sync-direction.js";
import { syncHistoryCases } from "./cases/sync-history.js";
import { syncLinkCases } from "./cases/sync-link.js";
import { syncOverrideCases } from "./cases/sync-overrides.js";
import { syncPlanCases } from "./cases/sync-plan.js";
import { syncProjectCases } from "./cases/sync-project.js";
import { syncPullRequestCases } from "./cases/sync-pull-request.js";
import { syncRequestCases } from "./cases/sync-requests.js";
import { syncRevertCases } from "./cases/sync-revert.js";
import { upstreamCases } from "./cases/upstream.js";
import { webhookCases } from "./cases/webhook.js";
import type { ContractCase } from "./contract-case.js";

/**
 * The cases of the HTTP contract. They use only the host's URL and its GitHub box, and run in any order on one host of each
 * kind. They must not run concurrently, since some make GitHub fail.
 */
export const httpContract: readonly ContractCase[] = [
  ...authenticationCases,
  ...loginCases,
  ...browserCallbackCases,
  ...connectionCases,
  ...repositoryCases,
  ...branchCases,
  ...syncProjectCases,
  ...syncRequestCases,
  ...syncHistoryCases,
  ...syncAgainCases,
  ...syncDirectionCases,
  ...syncConflictCases,
  ...syncLinkCases,
  ...syncPlanCases,
  ...syncOverrideCases,
  ...secretCases,
  ...syncPullRequestCases,
  ...syncCancelCases,
  ...syncRevertCases,
  ...commitPeopleCases,
  ...installationCases,
  ...installationRequestCases,
  ...installationRepositoryCases,
  ...repositoryCreationCases,
  ...installationFileCases,
  ...appManifestCases,
  ...webhookCases,
  ...healthCases,
  ...requestCases,
  ...limitCases,
  ...eventCases,
  ...upstreamCases,
  ...openapiCases,
];
