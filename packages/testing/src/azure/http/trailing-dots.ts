import { has } from "./version.js";

/** Whether a request wants dots at the ends of names to count. */
export function keepsTrailingDots(headers: Headers, version: string, name = "x-ms-allow-trailing-dot"): boolean {
  return has(version, "trailingDots") && headers.get(name)?.toLowerCase() === "true";
}
