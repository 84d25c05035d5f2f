import { type FaultResponse, Faults } from "../../box/faults.js";
import { type HookOf, Interventions, type LatencyOf } from "../../box/interventions.js";
import type { Accounts } from "../accounts/accounts.js";
import type { ReplicationLag } from "../repositories/repository-refs.js";
import type { DeliveryFault, DeliverySettings, HeldDeliveries } from "./delivery-settings.js";
import type { FaultRule } from "./fault-rule.js";
import type { IdentitySettings } from "./identity-settings.js";
import type { PrimaryLimit, RateLimits, SecondaryLimit } from "./rate-limits.js";
import type { RecordedRequest, RequestInfo } from "./request-log.js";

/** Milliseconds that a request is delayed before it is handled, or a function of the request that returns them. */
export type Latency = LatencyOf<RequestInfo>;

/** A function that runs before a request is handled. */
export type BeforeHook = HookOf<RequestInfo>;

/** A function that runs after a request has taken effect, before its response is sent. */
export type AfterHook = HookOf<RecordedRequest>;

/** Limits of GitHub that a test can change. */
export interface Limits {
  /** Maximum number of entries in a recursive tree. Longer trees are truncated. */
  treeEntries: number;
  /** Maximum size of a recursive tree in bytes of JSON. Larger trees are truncated. */
  treeBytes: number;
  /** Maximum size of a REST request's body in bytes. */
  restBodyBytes: number;
  /** Maximum size of a GraphQL request's body in bytes. */
  graphqlBodyBytes: number;
}

/** Changes how the box responds: faults, hooks, limits, sessions, tokens and deliveries. */
export class Control {
  readonly limits: Limits = {
    treeEntries: 100_000,
    treeBytes: 7 * 1024 * 1024,
    restBodyBytes: 50 * 1024 * 1024,
    graphqlBodyBytes: 40 * 1024 * 1024,
  };
  /** Status of REST ref updates that violate a ruleset. GitHub's OpenAPI description allows both. Defaults to 422. */
  ruleViolationStatus: 409 | 422 = 422;
  readonly faults = new Faults<FaultResponse>();
  readonly interventions = new Interventions<RequestInfo, RecordedRequest>();
  private readonly removedFields: { field: string }[] = [];

  constructor(
    private readonly rateLimits: RateLimits,
    private readonly lag: ReplicationLag,
    private readonly accounts: Accounts,
    private readonly identity: IdentitySettings,
    private readonly deliveries: DeliverySettings,
  ) {}

  /** Delays every request by milliseconds, or by the result of a function of the request. */
  latency(delay: Latency): void {
    this.interventions.delay = delay;
  }

  /** Injects a fault. Returns a function that removes it. */
  fault(rule: FaultRule): () => void {
    return this.faults.add(rule);
  }

  /** Runs `hook` before each request takes effect. Returns a function that removes it. */
  beforeRequest(hook: BeforeHook): () => void {
    return this.interventions.addBefore(hook);
  }

  /** Runs `hook` after each request has taken effect. Returns a function that removes it. */
  afterRequest(hook: AfterHook): () => void {
    return this.interventions.addAfter(hook);
  }

  /** Enables the primary rate limit; `undefined` disables it. */
  primaryRateLimit(limit: PrimaryLimit | undefined): void {
    this.rateLimits.primary = limit;
  }

  /** Enables secondary rate limits; `undefined` disables them. */
  secondaryRateLimit(limit: SecondaryLimit | undefined): void {
    this.rateLimits.secondary = limit;
  }

  /** Makes reads of refs lag behind writes by a number of requests; 0 ends the lag. */
  staleReads(requests: number): void {
    this.lag.requests = requests;
  }

  /** Truncates recursive trees beyond a number of entries or bytes of JSON. */
  treeLimit(entries: number, bytes: number = this.limits.treeBytes): void {
    this.limits.treeEntries = entries;
    this.limits.treeBytes = bytes;
  }

  /**
   * Removes a mutation from the GraphQL schema, as on older versions of GitHub Enterprise Server.
   *
   * @returns a function that adds it again
   */
  disableMutation(name: string): () => void {
    return this.withoutGraphqlField(`Mutation.${name}`);
  }

  /** Removes a field (`Type.field`) from the GraphQL schema. Returns a function that adds it again. */
  withoutGraphqlField(field: string): () => void {
    const removed = { field };
    this.removedFields.push(removed);
    return () => {
      const index = this.removedFields.indexOf(removed);
      if (index !== -1) this.removedFields.splice(index, 1);
    };
  }

  /** The fields (`Type.field`) that are removed from the GraphQL schema. */
  get disabledGraphql(): ReadonlySet<string> {
    return new Set(this.removedFields.map(({ field }) => field));
  }

  /** Signs a user in: requests for web pages without a session cookie act as this user, who denies all requests if `deny` is set. */
  signIn(login: string, { deny = false }: { deny?: boolean } = {}): void {
    this.identity.signIn(this.accounts.ensure(login), deny);
  }

  /** Signs the user out: authorization and installation pages redirect to the login page. */
  signOut(): void {
    this.identity.signedIn = undefined;
  }

  /** Sets the scopes that users grant: a fixed list, or a function of the requested scopes. `undefined` grants all of them. */
  grantScopes(scopes: readonly string[] | ((asked: readonly string[]) => readonly string[]) | undefined): void {
    this.identity.grantedScopes = typeof scopes === "function" || scopes === undefined ? scopes : () => scopes;
  }

  /** Sets whether a user's primary email address is verified. Without a verified address, codes are not exchanged. Defaults to true. */
  verifiedEmail(login: string, isVerified: boolean): void {
    const user = this.accounts.ensure(login);
    if (isVerified) this.identity.unverifiedEmails.delete(user.login);
    else this.identity.unverifiedEmails.add(user.login);
  }

  /** Sets the seconds that a device must wait between two requests for its token. Defaults to 5. */
  deviceInterval(seconds: number): void {
    this.identity.deviceInterval = seconds;
  }

  /** Rejects new installation tokens with 401 for a number of requests or milliseconds; `{}` ends it. */
  tokenReplication(lag: { requests?: number; milliseconds?: number }): void {
    this.identity.tokenLag = lag;
  }

  /** Sets the format of new installation tokens: long ones that contain a JWT, or the older short ones. Defaults to true (long). */
  statelessTokens(isOn: boolean): void {
    this.identity.statelessTokens = isOn;
  }

  /** Sets whether an installation on selected repositories gets access to the repositories that it creates. Defaults to true. */
  createdRepositoriesJoin(isOn: boolean): void {
    this.identity.createdRepositoriesJoin = isOn;
  }

  /** Drops or duplicates deliveries. Returns a function that removes the fault. */
  deliveryFault(fault: DeliveryFault): () => void {
    return this.deliveries.add(fault);
  }

  /** Holds deliveries until they are released. */
  holdDeliveries(): HeldDeliveries {
    return this.deliveries.hold();
  }

  /** Sets the timeout for receivers of deliveries. Defaults to 10,000 ms, as on GitHub. */
  deliveryTimeout(milliseconds: number): void {
    this.deliveries.timeout = milliseconds;
  }
}
