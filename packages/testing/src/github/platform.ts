import { Accounts } from "./accounts/accounts.js";
import { CurrentActor } from "./accounts/current-actor.js";
import { AppManifests } from "./apps/app-manifests.js";
import { Apps } from "./apps/apps.js";
import { Control } from "./control/control.js";
import { DeliverySettings } from "./control/delivery-settings.js";
import { IdentitySettings } from "./control/identity-settings.js";
import { RateLimits } from "./control/rate-limits.js";
import { RequestLog } from "./control/request-log.js";
import { DomainEvents } from "./domain-events.js";
import { ObjectCache } from "./git/object-cache.js";
import { ProcessPool } from "./git/process-pool.js";
import { PUBLIC_ADDRESSES } from "./http/addresses.js";
import { idSequence } from "./ids.js";
import { OAuth } from "./oauth/oauth.js";
import { Repositories } from "./repositories/repositories.js";
import type { ReplicationLag } from "./repositories/repository-refs.js";
import { makeTemporaryFolder, removeTemporaryFolder } from "./temporary-folder.js";
import { Deliveries } from "./webhooks/deliveries.js";

/** The state of a box: accounts, Apps, repositories, limits and recorded requests. */
export class Platform {
  /** Temporary folder of all repositories, which {@link close} removes. */
  readonly folder: string;
  readonly nextId = idSequence(1001);
  readonly accounts: Accounts;
  readonly identity = new IdentitySettings();
  readonly oauth: OAuth;
  readonly apps: Apps;
  readonly manifests: AppManifests;
  readonly domainEvents = new DomainEvents();
  /** The actor of the current request. */
  readonly currentActor = new CurrentActor();
  readonly deliverySettings = new DeliverySettings();
  readonly deliveries: Deliveries;
  /** Addresses of the links in webhook payloads. */
  addresses = PUBLIC_ADDRESSES;
  readonly lag: ReplicationLag = { requests: 0, received: 0 };
  readonly log = new RequestLog();
  readonly rateLimits: RateLimits;
  readonly control: Control;
  readonly repositories: Repositories;
  /** Aborted when the box closes, to end requests that hang. */
  readonly closing = new AbortController();
  private readonly pool = new ProcessPool();

  /**
   * @param clock returns milliseconds since the epoch
   * @param parent parent of the temporary folder; see {@link makeTemporaryFolder} for the default
   */
  constructor(
    readonly clock: () => number,
    parent?: string,
  ) {
    this.folder = makeTemporaryFolder(parent);
    this.rateLimits = new RateLimits(clock);
    this.accounts = new Accounts(this.nextId, clock);
    this.oauth = new OAuth(this.accounts, this.nextId, clock);
    this.control = new Control(this.rateLimits, this.lag, this.accounts, this.identity, this.deliverySettings);
    const context = { cache: new ObjectCache(), pool: this.pool, lag: this.lag, clock };
    const { domainEvents, currentActor } = this;
    this.repositories = new Repositories(this.folder, this.accounts, this.nextId, context, domainEvents, currentActor);
    this.apps = new Apps(this);
    this.manifests = new AppManifests(clock);
    this.deliveries = new Deliveries(this);
    domainEvents.subscribe((domainEvent) => this.deliveries.publish(domainEvent));
  }

  /** Ends all git processes and removes the folder. */
  close(): void {
    this.closing.abort();
    this.pool.close();
    removeTemporaryFolder(this.folder);
  }
}
