import { createHash, randomBytes } from "node:crypto";

/** Binds an authorization to the browser that starts it. */
export interface BrowserBinding {
  /** The value of the cookie (`HttpOnly`, `SameSite=Lax`) to set in the browser. It is not stored on the server. */
  readonly cookie: string;
  /** The hash of the cookie, stored with the state. */
  readonly hash: string;
}

/** Creates a binding for one authorization: 32 random bytes and their hash. */
export function newBrowserBinding(): BrowserBinding {
  return bindingOfCookie(randomBytes(32).toString("base64url"));
}

/** Returns the binding of a browser that already has its cookie. */
export function bindingOfCookie(cookie: string): BrowserBinding {
  return { cookie, hash: browserHash(cookie) };
}

/** Returns the hash of a cookie that a callback carries. */
export function browserHash(cookie: string): string {
  return createHash("sha256").update(cookie, "utf8").digest("base64url");
}
