import { addressOf, type View, view } from "../state/address.js";
import { openCount } from "../state/conflicts.js";
import { Icon, type IconName } from "./icon.js";

const PAGES: readonly { readonly name: View; readonly label: string; readonly icon: IconName }[] = [
  { name: "sync", label: "Sync", icon: "both" },
  { name: "conflicts", label: "Conflicts", icon: "alert" },
  { name: "history", label: "History", icon: "clock" },
  { name: "metrics", label: "Metrics", icon: "spark" },
  { name: "links", label: "Links", icon: "retry" },
  { name: "github", label: "GitHub", icon: "branch" },
  { name: "health", label: "Health", icon: "pulse" },
];

/** The links to the pages of a project. */
export function Navigation() {
  return (
    <nav class="pages" aria-label="Pages">
      <ul>
        {PAGES.map(({ name, label, icon }) => (
          <li key={name}>
            <a href={addressOf(name)} aria-current={view.value === name ? "page" : undefined}>
              <Icon name={icon} />
              {label}
              {name === "conflicts" && openCount.value > 0 && <span class="number">{openCount.value}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
