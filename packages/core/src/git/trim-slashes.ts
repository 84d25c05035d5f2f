/** Returns a path without slashes at its start and end, in linear time: a regular expression with `+$` takes quadratic time. */
export function trimSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === "/") start++;
  while (end > start && path[end - 1] === "/") end--;
  return path.slice(start, end);
}
