import type { JSX } from "preact";
import { Header } from "./parts/header.js";
import { Navigation } from "./parts/navigation.js";
import { NoticeBar } from "./parts/notice.js";
import { projectId, token, type View, view } from "./state/address.js";
import { connection } from "./state/connection.js";
import { ConflictsView } from "./views/conflicts-view.js";
import { ConnectView } from "./views/connect-view.js";
import { GitHubView } from "./views/github-view.js";
import { HealthView } from "./views/health-view.js";
import { HistoryView } from "./views/history-view.js";
import { LinksView } from "./views/links-view.js";
import { MetricsView } from "./views/metrics-view.js";
import { ProjectView } from "./views/project-view.js";
import { SignInView } from "./views/sign-in-view.js";
import { SyncView } from "./views/sync-view.js";

const PAGES: Readonly<Record<View, () => JSX.Element>> = {
  sync: SyncView,
  conflicts: ConflictsView,
  history: HistoryView,
  metrics: MetricsView,
  links: LinksView,
  github: GitHubView,
  health: HealthView,
};

/** The pages that show nothing without a connection. */
const NEED_GITHUB: ReadonlySet<View> = new Set<View>(["sync", "conflicts", "github"]);

/** The whole page. */
export function App() {
  const isSignedIn = token.value !== null;
  const isReady = isSignedIn && projectId.value !== null;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>("#main")?.focus()}>
        Skip to the content
      </button>
      <Header />
      {isReady && <Navigation />}
      <NoticeBar />
      <main id="main" tabIndex={-1}>
        <Page />
      </main>
    </>
  );
}

/** The first thing that the user still has to do, then the page in the address. */
function Page() {
  if (token.value === null) return <SignInView />;
  if (projectId.value === null) return <ProjectView />;
  const Shown = PAGES[view.value];
  const needsGitHub = NEED_GITHUB.has(view.value);
  if (needsGitHub && connection.data.value?.connected !== true) return <ConnectView />;
  return <Shown />;
}
