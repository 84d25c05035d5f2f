/** The response that a client gets instead of the real one. */
export type FaultResponse =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  /** Resets the connection. */
  | "reset"
  /** Never responds. */
  | "hang";

/** The properties of a request that fault rules match. */
export interface FaultTarget {
  method: string;
  path: string;
  route?: string;
  operation?: string;
}

/** The members that fault rules of all boxes share. */
export interface FaultRuleOf<Response> {
  method?: string;
  path?: string | RegExp;
  operation?: string;
  /** Number of requests that the fault applies to. Defaults to 1. */
  times?: number;
  /** `before` replaces the effect of the request; `after` replaces only the response, so that the effect happens but the response is lost. */
  when: "before" | "after";
  respond: Response;
}

/** Fault rules that have not been used up. */
export class Faults<Response> {
  private readonly waiting: { rule: FaultRuleOf<Response>; left: number }[] = [];

  /** Adds a fault. Returns a function that removes it. */
  add(rule: FaultRuleOf<Response>): () => void {
    const entry = { rule, left: rule.times ?? 1 };
    this.waiting.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  /** Returns the response of the first rule that matches a request, and counts it as used. */
  take(when: "before" | "after", request: FaultTarget): Response | undefined {
    const entry = this.waiting.find(({ rule, left }) => left > 0 && rule.when === when && matches(rule, request));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.rule.respond;
  }

  /** Removes all faults. */
  clear(): void {
    this.waiting.length = 0;
  }
}

function matches({ method, path, operation }: FaultRuleOf<unknown>, request: FaultTarget): boolean {
  if (method !== undefined && method.toUpperCase() !== request.method) return false;
  if (operation !== undefined && operation !== request.operation) return false;
  if (path === undefined) return true;
  if (path instanceof RegExp) return path.test(request.path);
  return path === request.path || `${request.method} ${path}` === request.route || path === request.route;
}
