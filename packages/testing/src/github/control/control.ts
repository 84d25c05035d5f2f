import { type FaultResponse, Faults } from "../../box/faults.js";
import { type HookOf, Interventions, type LatencyOf } from "../../box/interventions.js";
import type { Accounts } from "../accounts/accounts.js";
import type { ReplicationLag } from "../repositories/repository-refs.js";
import type { DeliveryFault, DeliverySettings, HeldDeliveries } from "./delivery-settings.js";
import type { FaultRule } from "./fault-rule.js";
import type { IdentitySettings } from "./identity-settings.js";
import type { PrimaryLimit, RateLimits, SecondaryLimit } from "./rate-limits.js";
import type { RecordedRequest, RequestInfo } from "./request-log.js";

/** Milliseconds that a request waits before it is looked at. */
export type Latency = LatencyOf<RequestInfo>;

/** Runs before a request is looked at. */
export type BeforeHook = HookOf<RequestInfo>;

/** Runs when the effect of a request has happened and its answer is ready. */
export type AfterHook = HookOf<RecordedRequest>;

/** GitHub's limits that a test may move. */
export interface Limits {
  /** Entries of a recursive tree before it is truncated. */
  treeEntries: number;
  /** Bytes of a recursive tree's answer before it is truncated. */
  treeBytes: number;
  /** Bytes of a REST request's body. */
  restBodyBytes: number;
  /** Bytes of a GraphQL request's body. */
  graphqlBodyBytes: number;
}

/** Everything a test may do to the box besides using it. */
export class Control {
  readonly limits: Limits = {
    treeEntries: 100_000,
    treeBytes: 7 * 1024 * 1024,
    restBodyBytes: 50 * 1024 * 1024,
    graphqlBodyBytes: 40 * 1024 * 1024,
  };
  /** Status of REST ref updates that break a ruleset: GitHub's description allows both. */
  ruleViolationStatus: 409 | 422 = 422;
  readonly faults = new Faults<FaultResponse>();
  readonly interventions = new Interventions<RequestInfo, RecordedRequest>();
  readonly disabledGraphql = new Set<string>();

  constructor(
    private readonly rateLimits: RateLimits,
    private readonly lag: ReplicationLag,
    private readonly accounts: Accounts,
    private readonly identity: IdentitySettings,
    private readonly deliveries: DeliverySettings,
  ) {}

  /** Makes every request wait: milliseconds, or a function of the request. */
  latency(delay: Latency): void {
    this.interventions.delay = delay;
  }

  /** Injects a fault. Returns a function that takes it away. */
  fault(rule: FaultRule): () => void {
    return this.faults.add(rule);
  }

  /** Runs `hook` before each request takes effect. Returns a function that takes it away. */
  beforeRequest(hook: BeforeHook): () => void {
    return this.interventions.addBefore(hook);
  }

  /** Runs `hook` after each request has taken effect. Returns a function that takes it away. */
  afterRequest(hook: AfterHook): () => void {
    return this.interventions.addAfter(hook);
  }

  /** Switches the primary rate limit on, or off again. */
  primaryRateLimit(limit: PrimaryLimit | undefined): void {
    this.rateLimits.primary = limit;
  }

  /** Switches secondary rate limits on, or off again. */
  secondaryRateLimit(limit: SecondaryLimit | undefined): void {
    this.rateLimits.secondary = limit;
  }

  /** Lets reads of refs lag this many requests behind writes; 0 ends it. */
  staleReads(requests: number): void {
    this.lag.requests = requests;
  }

  /** Truncates recursive trees beyond this many entries (and bytes of answer). */
  treeLimit(entries: number, bytes: number = this.limits.treeBytes): void {
    this.limits.treeEntries = entries;
    this.limits.treeBytes = bytes;
  }

  /** Takes a mutation out of the GraphQL schema, as an older GitHub Enterprise Server lacks it. */
  disableMutation(name: string): void {
    this.withoutGraphqlField(`Mutation.${name}`);
  }

  /** Takes a field out of the GraphQL schema: `Type.field`. */
  withoutGraphqlField(field: string): void {
    this.disabledGraphql.add(field);
  }

  /** Says who is at the browser when an authorization or installation page is opened, and whether they `deny` what it asks. */
  signIn(login: string, { deny = false }: { deny?: boolean } = {}): void {
    this.identity.signedIn = { user: this.accounts.ensure(login), deny };
  }

  /** Nobody is at the browser: pages lead to the login page. */
  signOut(): void {
    this.identity.signedIn = undefined;
  }

  /** Lets users grant other scopes than those that are asked for: always these, or a choice of the asked ones. */
  grantScopes(scopes: readonly string[] | ((asked: readonly string[]) => readonly string[]) | undefined): void {
    this.identity.grantedScopes = typeof scopes === "function" || scopes === undefined ? scopes : () => scopes;
  }

  /** Whether a user's primary address counts as verified; default: it does. Otherwise codes are not exchanged. */
  verifiedEmail(login: string, isVerified: boolean): void {
    const user = this.accounts.ensure(login);
    if (isVerified) this.identity.unverifiedEmails.delete(user.login);
    else this.identity.unverifiedEmails.add(user.login);
  }

  /** Lets fresh installation tokens be answered with 401 for so many requests or milliseconds; `{}` ends it. */
  tokenReplication(lag: { requests?: number; milliseconds?: number }): void {
    this.identity.tokenLag = lag;
  }

  /** Chooses the form of new installation tokens: long ones that carry a JWT (the default), or the short ones of before. */
  statelessTokens(isOn: boolean): void {
    this.identity.statelessTokens = isOn;
  }

  /** Whether an installation on selected repositories reaches those that it makes itself; default: it does. */
  createdRepositoriesJoin(isOn: boolean): void {
    this.identity.createdRepositoriesJoin = isOn;
  }

  /** Lets deliveries get lost or arrive twice on their way. Returns a function that takes it away. */
  deliveryFault(fault: DeliveryFault): () => void {
    return this.deliveries.add(fault);
  }

  /** Keeps back deliveries from now on, until they are released, in whatever order. */
  holdDeliveries(): HeldDeliveries {
    return this.deliveries.hold();
  }

  /** How long receivers of deliveries have to answer; GitHub gives them 10,000 milliseconds. */
  deliveryTimeout(milliseconds: number): void {
    this.deliveries.timeout = milliseconds;
  }
}
