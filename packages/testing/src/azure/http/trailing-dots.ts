import { has } from "./version.js";

/** True when a request keeps trailing dots of names. */
export function keepsTrailingDots(headers: Headers, version: string, name = "x-ms-allow-trailing-dot"): boolean {
  return has(version, "trailingDots") && headers.get(name)?.toLowerCase() === "true";
}
