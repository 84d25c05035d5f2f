import { plan } from "../state/plan.js";
import { current, isStarting, startError } from "../state/sync.js";
import { PlanPanel } from "./plan-panel.js";
import { SyncPanel } from "./sync-panel.js";
import { TargetForm } from "./target-form.js";

/** The page on which the user plans and starts a sync. */
export function SyncView() {
  const hasPlan = plan.data.value !== null || plan.isLoading.value || plan.error.value !== null;
  const showsSync = current.value !== null && !hasPlan && !isStarting.value && startError.value === null;
  return (
    <div class="split">
      <h1 class="visually-hidden">Sync</h1>
      <TargetForm />
      <section class="card panel" aria-label="Changes" aria-busy={plan.isLoading.value || isStarting.value}>
        {showsSync ? <SyncPanel /> : <PlanPanel />}
      </section>
    </div>
  );
}
