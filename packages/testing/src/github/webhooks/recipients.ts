import type { Apps } from "../apps/apps.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { Installation } from "../apps/installation.js";
import type { Happening } from "../domain-events.js";

/** An App that is told, and the installation it is told through. */
export interface Recipient {
  app: GitHubApp;
  installation?: Installation;
}

/**
 * Who is told of something. What concerns an App itself comes unasked; the rest goes to the Apps that subscribed to it and
 * are installed there. A transferred repository is announced to its new account alone.
 */
export function recipientsOf(apps: Apps, happening: Happening): Recipient[] {
  switch (happening.event) {
    case "ping":
    case "github_app_authorization":
      return [{ app: happening.app }];
    case "installation":
    case "installation_repositories":
      return [{ app: happening.installation.app, installation: happening.installation }];
    case "push":
    case "repository":
      return subscribed(apps, happening.event, (installation) => installation.covers(happening.repository));
    case "organization":
      return subscribed(apps, happening.event, ({ account }) => account === happening.organization);
  }
}

function subscribed(apps: Apps, event: string, isThere: (installation: Installation) => boolean): Recipient[] {
  return apps
    .installationsOf()
    .filter(({ suspended, events }) => suspended === undefined && events.includes(event))
    .filter(isThere)
    .map((installation) => ({ app: installation.app, installation }));
}
