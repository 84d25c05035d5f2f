/** What a client sees instead of the true answer. */
export type FaultResponse =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  /** The connection is cut. */
  | "reset"
  /** No answer comes, ever. */
  | "hang";

/** What a fault is chosen by. */
export interface FaultTarget {
  method: string;
  path: string;
  route?: string;
  operation?: string;
}

/** What every box's faults have in common. */
export interface FaultRuleOf<Response> {
  method?: string;
  path?: string | RegExp;
  operation?: string;
  /** How often; default once. */
  times?: number;
  /** Instead of the effect, or after it has happened (the lost answer). */
  when: "before" | "after";
  respond: Response;
}

/** The faults that are waiting for their request. */
export class Faults<Response> {
  private readonly waiting: { rule: FaultRuleOf<Response>; left: number }[] = [];

  /** Adds a fault. Returns a function that takes it away. */
  add(rule: FaultRuleOf<Response>): () => void {
    const entry = { rule, left: rule.times ?? 1 };
    this.waiting.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  /** The fault for this request, used up by being asked for. */
  take(when: "before" | "after", request: FaultTarget): Response | undefined {
    const entry = this.waiting.find(({ rule, left }) => left > 0 && rule.when === when && matches(rule, request));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.rule.respond;
  }

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
