import type { Apps } from "../apps/apps.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { Installation } from "../apps/installation.js";
import type { DomainEvent } from "../domain-events.js";

/** An App that is told, and the installation it is told through. */
export interface Recipient {
  app: GitHubApp;
  installation?: Installation;
}

/**
 * Who is told of something. What concerns an App itself comes unasked; the rest goes to the Apps that subscribed to it and
 * are installed there. A transferred repository is announced to its new account alone.
 */
export function recipientsOf(apps: Apps, domainEvent: DomainEvent): Recipient[] {
  switch (domainEvent.event) {
    case "ping":
    case "github_app_authorization":
      return [{ app: domainEvent.app }];
    case "installation":
    case "installation_repositories":
      return [{ app: domainEvent.installation.app, installation: domainEvent.installation }];
    case "push":
    case "repository":
      return subscribed(apps, domainEvent.event, (installation) => installation.covers(domainEvent.repository));
    case "organization":
      return subscribed(apps, domainEvent.event, ({ account }) => account === domainEvent.organization);
  }
}

function subscribed(apps: Apps, event: string, isThere: (installation: Installation) => boolean): Recipient[] {
  return apps
    .installationsOf()
    .filter(({ suspended, events }) => suspended === undefined && events.includes(event))
    .filter(isThere)
    .map((installation) => ({ app: installation.app, installation }));
}
