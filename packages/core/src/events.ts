import { EventEmitter } from "eventemitter3";
import { z } from "zod";
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
  phase: z.enum(["waiting", "reading", "comparing", "writing", "finished"]),
  /** 0 to 100; never falls within one sync. */
  percentage: z.number(),
  currentFile: z.string().nullable(),
  filesCompleted: z.number().int(),
  totalFiles: z.number().int(),
  /** Epoch milliseconds; `null` while it cannot be told. */
  estimatedCompletion: z.number().nullable(),
});

const connectionEvent = z.object({
  userId: z.string(),
  githubUserId: z.number().int(),
  login: z.string(),
});

const connectionTokenEvent = connectionEvent.extend({
  /** Whose token it is about: the OAuth App's, or the GitHub App's. */
  client: z.enum(["oauth", "app"]),
});

const connectionScopesEvent = connectionTokenEvent.extend({
  /** The scopes that the token had and no longer has. */
  lostScopes: z.array(z.string()),
});

const installationEvent = z.object({
  installationId: z.number().int(),
  /** The account where the App is installed, and its login. */
  accountId: z.number().int(),
  account: z.string(),
});

const accessEvent = z.object({
  /** The installation that the webhook belongs to; `null` for a repository webhook. */
  installationId: z.number().int().nullable(),
});

const pushEvent = z.object({
  installationId: z.number().int(),
  repositoryId: z.number().int(),
  /** `owner/name`. */
  repository: z.string(),
  branch: z.string(),
  /** The commit that the branch has now; `null` when the branch is gone. */
  head: z.string().nullable(),
});

const repositoryEvent = z.object({
  repositoryId: z.number().int(),
  /** `owner/name`. */
  repository: z.string(),
});

const repositoryRenamedEvent = repositoryEvent.extend({
  /** `owner/name` before; `null` when it is not known. */
  previousName: z.string().nullable(),
});

const eventSchemas = {
  "sync.started": syncEvent,
  "sync.progress": syncProgress,
  "sync.completed": syncEvent,
  "sync.failed": syncEvent,
  "sync.cancelled": syncEvent,
  "sync.cancel_requested": syncEvent,
  "sync.turn": syncEvent,
  "connection.created": connectionTokenEvent,
  "connection.removed": connectionEvent,
  "connection.reauth_required": connectionTokenEvent,
  "connection.scopes_reduced": connectionScopesEvent,
  "installation.created": installationEvent,
  "installation.removed": installationEvent,
  "installation.suspended": installationEvent,
  "installation.unsuspended": installationEvent,
  "installation.changed": installationEvent,
  "access.changed": accessEvent,
  "push.received": pushEvent,
  "repository.renamed": repositoryRenamedEvent,
  "repository.deleted": repositoryEvent,
} as const;

/** What every sync event tells; the record itself is read with `sdk.sync.find(syncId)`. */
export type SyncEvent = z.infer<typeof syncEvent>;

/** How far a running sync has come. */
export type SyncProgress = z.infer<typeof syncProgress>;

/** What `connection.removed` tells: who was connected to which GitHub account. */
export type ConnectionEvent = z.infer<typeof connectionEvent>;

/** What `connection.created` and `connection.reauth_required` tell: besides, which app's token it is about. */
export type ConnectionTokenEvent = z.infer<typeof connectionTokenEvent>;

/** The payload of `connection.scopes_reduced`: a user has withdrawn scopes of a token at GitHub. */
export type ConnectionScopesEvent = z.infer<typeof connectionScopesEvent>;

/** What `installation.*` events tell: which installation it is about, and whose. */
export type InstallationEvent = z.infer<typeof installationEvent>;

/** The payload of `access.changed`: GitHub reported that the members, teams or collaborators of an account changed. */
export type AccessEvent = z.infer<typeof accessEvent>;

/** What `push.received` tells: a branch was moved by somebody else than this SDK. */
export type PushEvent = z.infer<typeof pushEvent>;

/** What `repository.deleted` tells. */
export type RepositoryEvent = z.infer<typeof repositoryEvent>;

/** What `repository.renamed` tells: the name that the repository has now, after it was renamed or moved. */
export type RepositoryRenamedEvent = z.infer<typeof repositoryRenamedEvent>;

/** Names and payloads of all events. Payloads are plain JSON: they travel between processes. */
export type SdkEvents = { [Name in keyof typeof eventSchemas]: z.infer<(typeof eventSchemas)[Name]> };

/** The name of an event. */
export type SdkEventName = keyof SdkEvents;

const CHANNEL = "infrajet.github.events";
const isEventName = (name: string): name is SdkEventName => Object.hasOwn(eventSchemas, name);
const envelope = z.object({ origin: z.string(), name: z.string(), payload: z.unknown() });

/**
 * The events of all processes that share one pub-sub. What is emitted here is delivered here at once, also when the
 * pub-sub is down; what other processes emit arrives as the pub-sub brings it.
 */
export class EventBus {
  // Untyped inside: its own types cannot follow a name that is a type parameter. on() and emit() are typed.
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

  /** Calls the listener for every event of that name from now on; gives back what ends it. A listener that throws is logged. */
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

  /** Delivers to the listeners of this process and publishes to the others. */
  emit<Name extends SdkEventName>(name: Name, payload: SdkEvents[Name]): void {
    this.#deliver(name, payload);
    this.#pubSub
      .publish(CHANNEL, { origin: this.#origin, name, payload })
      .catch((error) => this.#logger.warn("An event could not be published.", { name, error }));
  }

  /** Ends the subscription; nothing is delivered from other processes any more. */
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
