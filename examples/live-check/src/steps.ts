import type { Step } from "./step.js";
import { app } from "./steps/app.js";
import { azure } from "./steps/azure.js";
import { compareAndSwap } from "./steps/compare-and-swap.js";
import { emptyRepository } from "./steps/empty-repository.js";
import { expressions } from "./steps/expressions.js";
import { limits } from "./steps/limits.js";
import { mainJob } from "./steps/main-job.js";
import { oauth } from "./steps/oauth.js";
import { paging } from "./steps/paging.js";
import { preflight } from "./steps/preflight.js";
import { pushProtection } from "./steps/push-protection.js";
import { rules } from "./steps/rules.js";
import { sha256 } from "./steps/sha256.js";
import { sizes } from "./steps/sizes.js";
import { treeEdges } from "./steps/tree-edges.js";
import { workflowFile } from "./steps/workflow-file.js";

/** All steps in their order. The last one of a check, number 16, removes what the others created. */
export const STEPS: readonly Step[] = [
  preflight,
  emptyRepository,
  mainJob,
  compareAndSwap,
  treeEdges,
  expressions,
  rules,
  workflowFile,
  pushProtection,
  sizes,
  limits,
  paging,
  oauth,
  app,
  sha256,
  azure,
];
