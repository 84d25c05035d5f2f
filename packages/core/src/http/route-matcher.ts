import type { Route } from "./route.js";

/** A known path with its routes by method. */
export interface MatchedPath {
  readonly routes: ReadonlyMap<string, Route>;
  /** The parameters of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

interface PathPattern {
  readonly segments: readonly string[];
  readonly routes: Map<string, Route>;
}

/** Finds the routes of a path. Paths without parameters take precedence. */
export class RouteMatcher {
  readonly #fixed = new Map<string, MatchedPath & { readonly routes: Map<string, Route> }>();
  readonly #patterns = new Map<string, PathPattern>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const known = route.path.includes("{") ? this.#pattern(route.path) : this.#fixedPath(route.path);
      known.routes.set(route.method, route);
    }
  }

  /** Returns the routes of a percent-encoded path below the base path; `null` when there are none or the path is malformed. */
  match(path: string, ignoreCase = false): MatchedPath | null {
    // The routes' own paths are in lower case.
    const fixed = this.#fixed.get(ignoreCase ? path.toLowerCase() : path);
    if (fixed !== undefined) return fixed;
    const segments = path.split("/");
    for (const { segments: wanted, routes } of this.#patterns.values()) {
      const params = readParams(wanted, segments, ignoreCase);
      if (params !== null) return { routes, params };
    }
    return null;
  }

  #fixedPath(path: string): { readonly routes: Map<string, Route> } {
    const known = this.#fixed.get(path) ?? { routes: new Map<string, Route>(), params: {} };
    this.#fixed.set(path, known);
    return known;
  }

  #pattern(path: string): PathPattern {
    const known = this.#patterns.get(path) ?? { segments: path.split("/"), routes: new Map<string, Route>() };
    this.#patterns.set(path, known);
    return known;
  }
}

function readParams(
  wanted: readonly string[],
  given: readonly string[],
  ignoreCase: boolean,
): Record<string, string> | null {
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if ((ignoreCase ? segment.toLowerCase() : segment) !== part) return null;
      continue;
    }
    const value = decoded(segment);
    if (value === null || value === "") return null;
    params[name] = value;
  }
  return params;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
