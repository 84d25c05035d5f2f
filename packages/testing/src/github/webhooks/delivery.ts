import { createHmac } from "node:crypto";
import type { GitHubApp } from "../apps/github-app.js";
import { announceSecret } from "../secret-channel.js";

/** A message for a webhook, identical in every attempt. */
export interface Message {
  guid: string;
  app: GitHubApp;
  event: string;
  action: string | null;
  installationId: number | null;
  repositoryId: number | null;
  /** JSON. */
  body: string;
}

/** The outcome of an attempt. */
export interface Outcome {
  /** "OK" or GitHub's description of the failure. */
  status: string;
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** A logged attempt to deliver a message. */
export interface Delivery {
  id: number;
  message: Message;
  isRedelivery: boolean;
  /** Milliseconds since the epoch. */
  deliveredAt: number;
  /** Seconds. */
  duration: number;
  requestHeaders: Record<string, string>;
  outcome: Outcome;
}

/**
 * Returns the headers of a delivery, with signatures of the body if the App has a webhook secret.
 *
 * @see https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers
 */
export function deliveryHeaders({ app, guid, event, body }: Message): Record<string, string> {
  const { id, secret } = app.webhook;
  const hmac = (algorithm: string, key: string): string =>
    announceSecret(createHmac(algorithm, key).update(body).digest("hex"));
  return {
    Accept: "*/*",
    "Content-Type": "application/json",
    "User-Agent": "GitHub-Hookshot/d54209a",
    "X-GitHub-Delivery": guid,
    "X-GitHub-Event": event,
    "X-GitHub-Hook-ID": String(id),
    "X-GitHub-Hook-Installation-Target-ID": String(app.id),
    "X-GitHub-Hook-Installation-Target-Type": "integration",
    ...(secret === undefined
      ? {}
      : {
          "X-Hub-Signature": `sha1=${hmac("sha1", secret)}`,
          "X-Hub-Signature-256": `sha256=${hmac("sha256", secret)}`,
        }),
  };
}

/** Sends a message once and waits at most `timeout` milliseconds for the response. Aborts with `closing`. Never rejects. */
export async function send(
  { app, body }: Message,
  headers: Record<string, string>,
  { timeout, closing }: { timeout: number; closing: AbortSignal },
): Promise<Outcome> {
  const late = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([late, closing]);
  const { url, handler } = app.webhook;
  const request = new Request(url === "" ? "https://webhook.invalid/" : url, {
    method: "POST",
    headers,
    body,
    redirect: "manual",
    signal,
  });
  try {
    const response = await Promise.race([(handler ?? fetch)(request), aborted(signal)]);
    const text = await Promise.race([response.text(), aborted(signal)]);
    const status = response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`;
    return { status, statusCode: response.status, headers: Object.fromEntries(response.headers), body: text };
  } catch {
    return late.aborted ? failure("timed out", 504) : failure("failed to connect to host", 502);
  }
}

/** Returns the outcome of an attempt without a response. */
export function failure(status: string, statusCode: number): Outcome {
  return { status, statusCode, headers: {}, body: "" };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
