import { createHash, createPrivateKey, sign as signBytes } from "node:crypto";
import { promisify } from "node:util";
import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";

/** A JSON Web Token of the GitHub App to sign. */
export interface JwtToSign {
  /** The text to sign: the token's header and payload in base64url, with a dot between them. */
  readonly signingInput: string;
  /** The SHA-256 digest of `signingInput`, for services that sign digests. */
  readonly digest: Uint8Array;
  /** Aborted after 10 seconds, and when the SDK is closed. */
  readonly signal: AbortSignal;
}

/**
 * A hook that signs the GitHub App's JSON Web Tokens with RS256 (RSASSA-PKCS1-v1_5 and SHA-256), so that the private key can stay
 * in a key management service. The SDK uses a token for 5 minutes.
 *
 * @returns the bytes of the signature
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.3
 */
export type SignJwt = (jwt: JwtToSign) => Promise<Uint8Array>;

/** Signs the text of a token. @throws GitHubSdkError `app_signing_failed` */
export type JwtSigner = (signingInput: string, closing: AbortSignal) => Promise<Uint8Array>;

const SIGNING_TIMEOUT_MS = 10_000;
// RSA keys of 1,024 to 8,192 bits.
const SIGNATURE_BYTES = { min: 128, max: 1024 };
// GitHub rejects a token that was issued in the future by its own clock.
const ISSUED_BEFORE_SECONDS = 30;
const LIFETIME_SECONDS = 600;
const HEADER = encode({ alg: "RS256", typ: "JWT" });

const signAsync = promisify(signBytes);

/**
 * Creates a JWT of a GitHub App, valid for 10 minutes.
 *
 * @param now epoch seconds
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export async function createAppJwt(appId: number, now: number, sign: JwtSigner, closing: AbortSignal): Promise<string> {
  const iat = now - ISSUED_BEFORE_SECONDS;
  const signingInput = `${HEADER}.${encode({ iat, exp: iat + LIFETIME_SECONDS, iss: appId })}`;
  const signature = await sign(signingInput, closing);
  return `${signingInput}.${Buffer.from(signature).toString("base64url")}`;
}

/** Returns a signer that has the private key. @param privateKey PKCS#8 PEM */
export function keySigner(privateKey: Secret): JwtSigner {
  const key = createPrivateKey(privateKey.reveal());
  return (signingInput) => signAsync("sha256", Buffer.from(signingInput, "ascii"), key);
}

/** Returns a signer that calls the host's hook, with a timeout. */
export function hookSigner(signJwt: SignJwt, clock: Pick<Clock, "sleep">): JwtSigner {
  return async (signingInput, closing) => {
    const digest = createHash("sha256").update(signingInput, "ascii").digest();
    const timeout = timeoutSignal(clock, SIGNING_TIMEOUT_MS, timeoutError(), closing);
    try {
      const signature = await abortable([timeout.signal], (signal) => signJwt({ signingInput, digest, signal }));
      if (isSignature(signature)) return signature;
    } catch (cause) {
      if (closing.aborted) throw closing.reason;
      if (timeout.timedOut) throw timeoutError();
      throw failed("`app.signJwt` failed to sign. Check the key management service and its permissions.", cause);
    } finally {
      timeout.clear();
    }
    throw failed("`app.signJwt` must return the bytes of an RS256 signature as a Uint8Array.");
  };
}

function isSignature(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length >= SIGNATURE_BYTES.min && value.length <= SIGNATURE_BYTES.max;
}

function timeoutError(): GitHubSdkError {
  return failed(`\`app.signJwt\` did not sign within ${SIGNING_TIMEOUT_MS / 1000} seconds. Try again later.`);
}

function failed(message: string, cause?: unknown): GitHubSdkError {
  return new GitHubSdkError("app_signing_failed", message, cause === undefined ? {} : { cause });
}

function encode(part: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(part), "utf8").toString("base64url");
}
