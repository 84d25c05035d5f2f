import { createHash, randomBytes } from "node:crypto";

/** Ties an authorization to the browser that begins it. */
export interface BrowserBinding {
  /** The value of the cookie (`HttpOnly`, `SameSite=Lax`) that the browser gets; only the browser keeps it. */
  readonly cookie: string;
  /** What is stored with the state. */
  readonly hash: string;
}

/** Makes a binding for one authorization: 32 random bytes and their hash. */
export function newBrowserBinding(): BrowserBinding {
  return bindingOfCookie(randomBytes(32).toString("base64url"));
}

/** The binding of a browser that has its cookie already. */
export function bindingOfCookie(cookie: string): BrowserBinding {
  return { cookie, hash: browserHash(cookie) };
}

/** The hash of a cookie that came back with a callback. */
export function browserHash(cookie: string): string {
  return createHash("sha256").update(cookie, "utf8").digest("base64url");
}
