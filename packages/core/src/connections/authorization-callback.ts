/** What GitHub sent to the callback. */
export interface AuthorizationCallback {
  readonly state?: string;
  readonly code?: string;
  /** GitHub's slug instead of a code, such as `access_denied`. */
  readonly error?: string;
  /** Comes along when the GitHub App asks for user authorization during its installation. */
  readonly installationId?: number;
}

/** A callback that the host's user handed over: POST. */
export interface UserCallback extends AuthorizationCallback {
  readonly userId: string;
}

/** A callback that the browser came with by itself: GET. */
export interface BrowserCallback extends AuthorizationCallback {
  /** The value of the cookie that the browser got when it began. */
  readonly cookie?: string;
}
