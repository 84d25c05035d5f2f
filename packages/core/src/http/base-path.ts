/**
 * Returns the beginning of a request's path that a base path matches; `null` when the path is not below the base path.
 *
 * @param basePath Without a trailing slash. A segment that contains `:`, such as `:tenant`, matches any segment.
 */
export function matchBasePath(basePath: string, path: string, ignoreCase = false): string | null {
  if (path.startsWith(`${basePath}/`)) return basePath;
  if (!ignoreCase && !basePath.includes(":")) return null;
  const wanted = basePath.split("/");
  const given = path.split("/");
  if (given.length <= wanted.length) return null;
  const matched = given.slice(0, wanted.length);
  const matches = matched.every((segment, index) => matchesSegment(wanted[index] ?? "", segment, ignoreCase));
  return matches ? matched.join("/") : null;
}

function matchesSegment(wanted: string, given: string, ignoreCase: boolean): boolean {
  if (wanted.includes(":")) return given !== "";
  return ignoreCase ? wanted.toLowerCase() === given.toLowerCase() : wanted === given;
}
