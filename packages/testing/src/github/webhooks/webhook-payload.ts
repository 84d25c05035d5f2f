import type { Account } from "../accounts/account.js";
import type { InstallationNews } from "../apps/installation.js";
import type { Happening } from "../domain-events.js";
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
 * What a recipient is told. Everything but a push's commits is looked up at once, before it changes again.
 * https://docs.github.com/webhooks/webhook-events-and-payloads
 */
export function webhookPayload(happening: Happening, recipient: Recipient, addresses: Addresses): Json | Promise<Json> {
  switch (happening.event) {
    case "ping":
      return pingPayload(recipient, addresses);
    case "installation":
    case "installation_repositories":
      return installationNewsPayload(happening, addresses);
    case "github_app_authorization":
      return { action: happening.action, sender: simpleUser(happening.sender, addresses) };
    case "organization":
      return {
        action: happening.action,
        membership: membershipPayload(happening, addresses),
        ...surroundings(recipient, happening.organization, happening.sender, addresses),
      };
    case "repository":
      return {
        action: happening.action,
        ...changes(happening, addresses),
        repository: webhookRepository(happening.repository, addresses),
        ...surroundings(recipient, happening.repository.owner, happening.sender, addresses),
      };
    case "push": {
      const { repository, sender } = happening;
      const repositoryPart = webhookRepository(repository, addresses);
      const rest = surroundings(recipient, repository.owner, sender, addresses);
      return pushPayload(happening, repositoryPart, addresses).then((push) => ({ ...push, ...rest }));
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

function installationNewsPayload(news: InstallationNews, addresses: Addresses): Json {
  const { event, action, installation, sender } = news;
  const named = news.repositories.map(({ id, name, fullName, private: isPrivate }) => ({
    id,
    node_id: nodeId("Repository", id),
    name,
    full_name: fullName,
    private: isPrivate,
  }));
  const repositories =
    event === "installation"
      ? { repositories: named, requester: null }
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

type Membership = Extract<Happening, { event: "organization" }>;

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

type Change = Extract<Happening, { event: "repository" }>;

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

/** A repository as events show it: without the rights of whoever looks. */
function webhookRepository(repository: BoxRepository, addresses: Addresses): Json {
  const { permissions: _, ...payload } = repositoryPayload(repository, { addresses, credential: undefined });
  return payload;
}

/** What stands around the subject of an event. */
function surroundings({ installation }: Recipient, account: Account, sender: Account, addresses: Addresses): Json {
  return {
    ...(account.type === "Organization" ? { organization: organizationSimple(account, addresses) } : {}),
    sender: simpleUser(sender, addresses),
    ...(installation === undefined
      ? {}
      : { installation: { id: installation.id, node_id: nodeId("IntegrationInstallation", installation.id) } }),
  };
}
