import { EventEmitter } from "eventemitter3";
import * as z from "zod";
import type { PubSub } from "./adapters/pub-sub.js";
import type { Logger } from "./logger.js";

const syncEvent = z.object({
  syncId: z.number().int(),
  userId: z.string(),
  projectId: z.string(),
  /** `owner/name`. */
  repository: z.string(),
  branch: z.string(),
});

const syncProgress = syncEvent.extend({
  phase: z.enum(["waiting", "reading", "comparing", "writing", "pulling", "finished"]),
  /** 0 to 100. Never decreases within one run of a sync. */
  percentage: z.number(),
  currentFile: z.string().nullable(),
  filesCompleted: z.number().int(),
  totalFiles: z.number().int(),
  /** Epoch milliseconds; `null` while it cannot be estimated. */
  estimatedCompletion: z.number().nullable(),
});

const syncDueEvent = z.object({
  /** A pending sync that another process can start now. */
  syncId: z.number().int(),
});

const connectionEvent = z.object({
  userId: z.string(),
  githubUserId: z.number().int(),
  login: z.string(),
});

const connectionTokenEvent = connectionEvent.extend({
  /** The app that the token belongs to: the OAuth App or the GitHub App. */
  client: z.enum(["oauth", "app"]),
});

const connectionScopesEvent = connectionTokenEvent.extend({
  /** The scopes that the token had and no longer has. */
  lostScopes: z.array(z.string()),
});

const installationEvent = z.object({
  installationId: z.number().int(),
  /** The numeric ID of the account in which the App is installed. */
  accountId: z.number().int(),
  /** The login of that account. */
  account: z.string(),
});

const installationRequestEvent = z.object({
  userId: z.string(),
  githubUserId: z.number().int(),
  login: z.string(),
});

const accessEvent = z.object({
  /** The installation that the webhook belongs to; `null` for a repository webhook. */
  installationId: z.number().int().nullable(),
});

const pushEvent = z.object({
  /** `null` when the move was noticed with the connection of a link's owner. */
  installationId: z.number().int().nullable(),
  repositoryId: z.number().int(),
  /** `owner/name`. */
  repository: z.string(),
  branch: z.string(),
  /** The current head of the branch; `null` when the branch was deleted. */
  head: z.string().nullable(),
});

const projectChangedEvent = syncEvent.extend({
  /** The number of files that the sync wrote to the project. */
  filesPulled: z.number().int(),
  /** The number of files that the sync removed from the project. */
  filesRemoved: z.number().int(),
});

const repositoryChangedEvent = z.object({
  userId: z.string(),
  projectId: z.string(),
  /** `owner/name`. */
  repository: z.string(),
  branch: z.string(),
  /** The current head of the branch. */
  head: z.string(),
});

const sweptEvent = z.object({
  /** Epoch milliseconds. */
  at: z.number(),
  /** The number of deliveries read from GitHub's log. */
  examined: z.number().int(),
  /** The number of deliveries that GitHub was asked to redeliver. */
  redelivered: z.number().int(),
  /** The number of deliveries that GitHub refused to redeliver. */
  refused: z.number().int(),
  /** The number of branches whose head moved without a delivery that told it. */
  movedBranches: z.number().int(),
});

const repositoryEvent = z.object({
  repositoryId: z.number().int(),
  /** `owner/name`. */
  repository: z.string(),
});

const repositoryRenamedEvent = repositoryEvent.extend({
  /** The previous `owner/name`; `null` when it is unknown. */
  previousName: z.string().nullable(),
});

const limitedEvent = z.object({
  apiUrl: z.string(),
  /** The key of the credential, such as `installation:7`. */
  key: z.string(),
  /** The time for which GitHub asked the credential to wait, in milliseconds. */
  waitMs: z.number().nonnegative(),
});

const eventSchemas = {
  "sync.started": syncEvent,
  "sync.progress": syncProgress,
  "sync.completed": syncEvent,
  "sync.failed": syncEvent,
  "sync.cancelled": syncEvent,
  "sync.cancel_requested": syncEvent,
  "project.changed": projectChangedEvent,
  "repository.changed": repositoryChangedEvent,
  "sync.due": syncDueEvent,
  "connection.created": connectionTokenEvent,
  "connection.removed": connectionEvent,
  "connection.reauth_required": connectionTokenEvent,
  "connection.scopes_reduced": connectionScopesEvent,
  "installation.created": installationEvent,
  "installation.removed": installationEvent,
  "installation.suspended": installationEvent,
  "installation.unsuspended": installationEvent,
  "installation.changed": installationEvent,
  "installation.requested": installationRequestEvent,
  "access.changed": accessEvent,
  "push.received": pushEvent,
  "repository.renamed": repositoryRenamedEvent,
  "repository.deleted": repositoryEvent,
  "webhooks.swept": sweptEvent,
  "credential.limited": limitedEvent,
} as const;

/** The payload of sync events. Read the record with `sdk.sync.get(syncId)`. */
export type SyncEvent = z.infer<typeof syncEvent>;

/** The payload of `project.changed`: a sync changed files of a project. */
export type ProjectChangedEvent = z.infer<typeof projectChangedEvent>;

/** The payload of `repository.changed`: a branch that a project is linked to was moved by another than the project's own syncs. */
export type RepositoryChangedEvent = z.infer<typeof repositoryChangedEvent>;

/** The payload of `sync.due`, with which a process that shuts down hands a sync over to the others. */
export type SyncDueEvent = z.infer<typeof syncDueEvent>;

/** The progress of a running sync. */
export type SyncProgress = z.infer<typeof syncProgress>;

/** The payload of `connection.removed`: the user and the GitHub account. */
export type ConnectionEvent = z.infer<typeof connectionEvent>;

/** The payload of `connection.created` and `connection.reauth_required`: the user, the GitHub account and the app. */
export type ConnectionTokenEvent = z.infer<typeof connectionTokenEvent>;

/** The payload of `connection.scopes_reduced`: a user has withdrawn scopes of a token at GitHub. */
export type ConnectionScopesEvent = z.infer<typeof connectionScopesEvent>;

/** The payload of `installation.*` events: the installation and its account. */
export type InstallationEvent = z.infer<typeof installationEvent>;

/** The payload of `installation.requested`: a user requested an installation, which an owner of the organization has to approve. */
export type InstallationRequestEvent = z.infer<typeof installationRequestEvent>;

/** The payload of `access.changed`: GitHub reported that the members, teams or collaborators of an account changed. */
export type AccessEvent = z.infer<typeof accessEvent>;

/** The payload of `push.received`: a branch that was moved by another client than this SDK. */
export type PushEvent = z.infer<typeof pushEvent>;

/** The payload of `webhooks.swept`: a periodic recovery of missed webhook deliveries has ended. */
export type WebhooksSweptEvent = z.infer<typeof sweptEvent>;

/** The payload of `repository.deleted`. */
export type RepositoryEvent = z.infer<typeof repositoryEvent>;

/** The payload of `repository.renamed`: the current name after a rename or a transfer. */
export type RepositoryRenamedEvent = z.infer<typeof repositoryRenamedEvent>;

/** The payload of `credential.limited`: GitHub refused a request for a rate limit. All processes delay the credential's requests. */
export type CredentialLimitedEvent = z.infer<typeof limitedEvent>;

/** The payloads of all events by name. Payloads are plain JSON, because they are sent between processes. */
export type SdkEvents = { [Name in keyof typeof eventSchemas]: z.infer<(typeof eventSchemas)[Name]> };

/** The name of an event. */
export type SdkEventName = keyof SdkEvents;

const CHANNEL = "infrajet.github.events";
const isEventName = (name: string): name is SdkEventName => Object.hasOwn(eventSchemas, name);
const envelope = z.object({ origin: z.string(), name: z.string(), payload: z.unknown() });

/**
 * The events of all processes that share one pub-sub. Events of this process are delivered immediately, also while the
 * pub-sub is unavailable.
 */
export class EventBus {
  // Untyped, because its types do not support a type parameter as event name. on() and emit() are typed.
  readonly #emitter = new EventEmitter();
  readonly #origin = crypto.randomUUID();
  readonly #subscription: Promise<() => Promise<void>>;
  readonly #pubSub: PubSub;
  readonly #logger: Logger;

  constructor(pubSub: PubSub, logger: Logger) {
    this.#pubSub = pubSub;
    this.#logger = logger;
    this.#subscription = pubSub.subscribe(CHANNEL, (message) => this.#receive(message));
    this.#subscription.catch((error) => logger.warn("Events of other processes cannot be received.", { error }));
  }

  /** Adds a listener and returns a function that removes it. Errors of a listener are logged. */
  on<Name extends SdkEventName>(name: Name, listener: (payload: SdkEvents[Name]) => void): () => void {
    const guarded = (payload: SdkEvents[Name]): void => {
      try {
        listener(payload);
      } catch (error) {
        this.#logger.error(`A listener of "${name}" threw.`, { error });
      }
    };
    this.#emitter.on(name, guarded);
    return () => void this.#emitter.off(name, guarded);
  }

  /** Delivers an event to the listeners of this process and publishes it to other processes. */
  emit<Name extends SdkEventName>(name: Name, payload: SdkEvents[Name]): void {
    this.#deliver(name, payload);
    this.#pubSub
      .publish(CHANNEL, { origin: this.#origin, name, payload })
      .catch((error) => this.#logger.warn("An event could not be published.", { name, error }));
  }

  /** Unsubscribes from the pub-sub and removes all listeners. */
  async close(): Promise<void> {
    const unsubscribe = await this.#subscription.catch(() => async () => {});
    await unsubscribe();
    this.#emitter.removeAllListeners();
  }

  #receive(message: unknown): void {
    const received = envelope.safeParse(message);
    if (!received.success || received.data.origin === this.#origin || !isEventName(received.data.name)) return;
    const payload = eventSchemas[received.data.name].safeParse(received.data.payload);
    if (payload.success) this.#deliver(received.data.name, payload.data as SdkEvents[SdkEventName]);
  }

  #deliver(name: SdkEventName, payload: SdkEvents[SdkEventName]): void {
    this.#emitter.emit(name, payload);
  }
}
