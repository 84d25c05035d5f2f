import { plan } from "../state/plan.js";
import { closeSync } from "../state/sync.js";
import { type Override, overrides } from "../state/target.js";

/** The overrides by the code of the error that asks for them. */
const OFFERS: Readonly<Record<string, { readonly name: Override; readonly label: string }>> = {
  mass_deletion: { name: "allow_mass_deletion", label: "Allow these deletions once" },
  project_empty: { name: "allow_empty_project", label: "Allow the empty project once" },
  remote_history_rewritten: { name: "allow_rewritten_history", label: "Accept the rewritten history once" },
  branch_protected: { name: "bypass_rules", label: "Bypass the branch's rules once" },
};

/** Offers to plan again with what an error refused, for one sync. */
export function OverrideOffer({ code }: { code: string | null }) {
  const offer = code === null ? undefined : OFFERS[code];
  if (offer === undefined) return null;
  const allow = (): void => {
    overrides.value = [...new Set([...overrides.value, offer.name])];
    closeSync();
    void plan.load();
  };
  return (
    <button type="button" onClick={allow}>
      {offer.label}
    </button>
  );
}
