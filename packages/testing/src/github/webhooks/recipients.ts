import type { Apps } from "../apps/apps.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { Installation } from "../apps/installation.js";
import type { DomainEvent } from "../domain-events.js";

/** An App that receives a delivery, and the installation that the event belongs to. */
export interface Recipient {
  app: GitHubApp;
  installation?: Installation;
}

/**
 * Returns the Apps that receive an event. Events about an App or its installation do not need a subscription; other events go to
 * subscribed Apps with an installation there. A transfer is delivered for the new account only.
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
