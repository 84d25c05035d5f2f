import * as z from "zod";
import { InstallationEvents } from "./installation-events.js";
import { PushEvents } from "./push-events.js";
import { RepositoryEvents } from "./repository-events.js";
import type { WebhookPayload } from "./webhook-request.js";
import type { WebhookServices } from "./webhook-services.js";

/** A handler of the SDK itself. */
export type BuiltInHandler = (payload: WebhookPayload, signal: AbortSignal) => Promise<void>;

/** Handlers by event (`push`), or by event and action (`installation.created`). */
export type BuiltInHandlers = ReadonlyMap<string, BuiltInHandler>;

/** The events after which users may have other rights to repositories. */
const ACCESS_EVENTS: ReadonlySet<string> = new Set(["member", "membership", "organization", "team"]);

const accessSchema = z.object({ installation: z.object({ id: z.int() }).nullish() });
const revokedSchema = z.object({ sender: z.object({ id: z.int() }) });

/**
 * Creates the handlers of the SDK itself. A delivery is only a hint: its headers are not signed, and a captured body can be
 * replayed. Every handler therefore reads the current state from GitHub and acts on that alone.
 */
export function builtInHandlers(services: WebhookServices): BuiltInHandlers {
  const { app } = services;
  const always: [string, BuiltInHandler][] = [
    ["ping", async () => {}],
    ["github_app_authorization.revoked", (payload) => authorizationRevoked(services, payload)],
  ];
  if (app === null) return new Map(always);
  const installations = new InstallationEvents(services, app);
  const repositories = new RepositoryEvents(services, app);
  const pushes = new PushEvents(services, app);
  return new Map<string, BuiltInHandler>([
    ...always,
    ...["created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"].map(
      (action): [string, BuiltInHandler] => [
        `installation.${action}`,
        (payload, signal) => installations.installation(payload, signal),
      ],
    ),
    ["installation_repositories", (payload, signal) => installations.repositories(payload, signal)],
    ["organization.member_removed", (payload, signal) => installations.memberRemoved(payload, signal)],
    ["repository.renamed", (payload, signal) => repositories.renamed(payload, signal)],
    ["repository.transferred", (payload, signal) => repositories.transferred(payload, signal)],
    ["repository.deleted", (payload, signal) => repositories.deleted(payload, signal)],
    ["push", (payload, signal) => pushes.push(payload, signal)],
  ]);
}

/**
 * Emits `access.changed` for a delivery about the access of users, so that every process reads their rights again. It grants
 * nothing, so the delivery need not be confirmed, and it does not count as handled.
 */
export function announceAccess({ bus }: Pick<WebhookServices, "bus">, event: string, payload: WebhookPayload): void {
  if (!ACCESS_EVENTS.has(event)) return;
  const { data } = accessSchema.safeParse(payload);
  bus.emit("access.changed", { installationId: data?.installation?.id ?? null });
}

/** Withdraws all installations of a user whose tokens GitHub no longer accepts. */
async function authorizationRevoked(services: WebhookServices, payload: WebhookPayload): Promise<void> {
  const { sender } = revokedSchema.parse(payload);
  const outcome = await services.revokedByGitHub({ githubUserId: sender.id });
  if (outcome?.revoked !== true) return;
  await services.installations.withdrawAll(services.apiUrl, outcome.account.userId);
}
