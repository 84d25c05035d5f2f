import { matchBasePath } from "@infrajet/github/http";
import type { FastifyInstance } from "fastify";

/** The path at which the plugin is mounted, and the settings by which Fastify matches paths with it. */
export class MountedPath {
  /** The path as routes declare it, parameters included. No trailing slash. */
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly #ignoreTrailingSlash: boolean;
  readonly #ignoreDuplicateSlashes: boolean;

  /** @param base The path below the prefix of the app. */
  constructor({ prefix, initialConfig }: FastifyInstance, base: string) {
    // A host sets them at either place.
    const settings = { ...initialConfig, ...initialConfig.routerOptions };
    this.ignoreCase = settings.caseSensitive === false;
    this.#ignoreTrailingSlash = settings.ignoreTrailingSlash === true;
    this.#ignoreDuplicateSlashes = settings.ignoreDuplicateSlashes === true;
    this.pattern = `${prefix.replace(/\/$/, "")}${base}`;
  }

  /** Returns a request's path and query without the slashes that Fastify ignores. */
  targetOf(url: string): string {
    const mark = url.indexOf("?");
    const [path, query] = mark === -1 ? [url, ""] : [url.slice(0, mark), url.slice(mark)];
    const single = this.#ignoreDuplicateSlashes ? path.replace(/\/{2,}/g, "/") : path;
    const whole = this.#ignoreTrailingSlash ? single.replace(/(?<=.)\/$/, "") : single;
    return `${whole}${query}`;
  }

  /** Returns true when a request's path is the given path below the mounted one. */
  isAt(below: string, url: string): boolean {
    const path = this.targetOf(url);
    const base = matchBasePath(this.pattern, path, this.ignoreCase);
    if (base === null) return false;
    const rest = path.slice(base.length);
    return (this.ignoreCase ? rest.toLowerCase() : rest) === below;
  }
}
