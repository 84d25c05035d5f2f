import type { Account } from "../accounts/account.js";
import type { InstallationEvent } from "../apps/installation.js";
import type { DomainEvent } from "../domain-events.js";
import { isoTime } from "../git/commit.js";
import type { Addresses } from "../http/addresses.js";
import { nodeId } from "../ids.js";
import { organizationSimple, simpleUser } from "../payloads/account.js";
import { installationPayload } from "../payloads/app.js";
import { repositoryPayload } from "../payloads/repository.js";
import type { BoxRepository } from "../repositories/repository.js";
import { pushPayload } from "./push-payload.js";
import type { Recipient } from "./recipients.js";

type Json = Record<string, unknown>;

/**
 * Returns the payload of an event for a recipient. Reads everything except the commits of a push synchronously, before it can
 * change.
 *
 * @see https://docs.github.com/webhooks/webhook-events-and-payloads
 */
export function webhookPayload(
  domainEvent: DomainEvent,
  recipient: Recipient,
  addresses: Addresses,
): Json | Promise<Json> {
  switch (domainEvent.event) {
    case "ping":
      return pingPayload(recipient, addresses);
    case "installation":
    case "installation_repositories":
      return installationEventPayload(domainEvent, addresses);
    case "github_app_authorization":
      return { action: domainEvent.action, sender: simpleUser(domainEvent.sender, addresses) };
    case "organization":
      return {
        action: domainEvent.action,
        membership: membershipPayload(domainEvent, addresses),
        ...commonMembers(recipient, domainEvent.organization, domainEvent.sender, addresses),
      };
    case "repository":
      return {
        action: domainEvent.action,
        ...changes(domainEvent, addresses),
        repository: webhookRepository(domainEvent.repository, addresses),
        ...commonMembers(recipient, domainEvent.repository.owner, domainEvent.sender, addresses),
      };
    case "push": {
      const { repository, sender } = domainEvent;
      const repositoryPart = webhookRepository(repository, addresses);
      const rest = commonMembers(recipient, repository.owner, sender, addresses);
      return pushPayload(domainEvent, repositoryPart, addresses).then((push) => ({ ...push, ...rest }));
    }
  }
}

function pingPayload({ app }: Recipient, { api }: Addresses): Json {
  const at = isoTime(Math.floor(app.createdAt / 1000));
  const { id, url, secret } = app.webhook;
  return {
    zen: "Keep it logically awesome.",
    hook_id: id,
    hook: {
      type: "App",
      id,
      name: "web",
      active: true,
      events: app.events,
      config: {
        content_type: "json",
        insecure_ssl: "0",
        url,
        ...(secret === undefined ? {} : { secret: "********" }),
      },
      updated_at: at,
      created_at: at,
      app_id: app.id,
      deliveries_url: `${api}/app/hook/deliveries`,
    },
  };
}

function installationEventPayload(installationEvent: InstallationEvent, addresses: Addresses): Json {
  const { event, action, installation, sender, requester } = installationEvent;
  const named = installationEvent.repositories.map(({ id, name, fullName, private: isPrivate }) => ({
    id,
    node_id: nodeId("Repository", id),
    name,
    full_name: fullName,
    private: isPrivate,
  }));
  const repositories =
    event === "installation"
      ? { repositories: named, requester: requester === undefined ? null : simpleUser(requester, addresses) }
      : {
          repository_selection: installation.selection,
          repositories_added: action === "added" ? named : [],
          repositories_removed: action === "removed" ? named : [],
          requester: null,
        };
  return {
    action,
    installation: installationPayload(installation, addresses),
    ...repositories,
    sender: simpleUser(sender, addresses),
  };
}

type Membership = Extract<DomainEvent, { event: "organization" }>;

function membershipPayload({ organization, user, role }: Membership, addresses: Addresses): Json {
  const organization_url = `${addresses.api}/orgs/${organization.login}`;
  return {
    url: `${organization_url}/memberships/${user.login}`,
    state: "active",
    role,
    organization_url,
    user: simpleUser(user, addresses),
  };
}

type Change = Extract<DomainEvent, { event: "repository" }>;

function changes(change: Change, addresses: Addresses): Json {
  if (change.action === "renamed") return { changes: { repository: { name: { from: change.from } } } };
  if (change.action !== "transferred") return {};
  const { from } = change;
  const isOrganization = from.type === "Organization";
  const before = isOrganization
    ? { organization: organizationSimple(from, addresses) }
    : { user: simpleUser(from, addresses) };
  return { changes: { owner: { from: before } } };
}

/** Returns a repository as in events, which do not have `permissions`. */
function webhookRepository(repository: BoxRepository, addresses: Addresses): Json {
  const { permissions: _, ...payload } = repositoryPayload(repository, { addresses, credential: undefined });
  return payload;
}

/** Returns the members that many events share: organization, sender and installation. */
function commonMembers({ installation }: Recipient, account: Account, sender: Account, addresses: Addresses): Json {
  return {
    ...(account.type === "Organization" ? { organization: organizationSimple(account, addresses) } : {}),
    sender: simpleUser(sender, addresses),
    ...(installation === undefined
      ? {}
      : { installation: { id: installation.id, node_id: nodeId("IntegrationInstallation", installation.id) } }),
  };
}
