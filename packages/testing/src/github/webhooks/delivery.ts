import { createHmac } from "node:crypto";
import type { GitHubApp } from "../apps/github-app.js";
import { announceSecret } from "../secret-channel.js";

/** What is sent: the same bytes at every attempt. */
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

/** What came of one attempt. */
export interface Outcome {
  /** "OK", or what went wrong, in GitHub's words. */
  status: string;
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** One attempt to deliver a message, as the log keeps it. */
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
 * The headers of a delivery, signed over the body's bytes where the App has a secret.
 * https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers
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

/** Sends a message once and waits for the answer, `timeout` milliseconds at most. `closing` gives up early. Never rejects. */
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

/** What came of a message that nobody answered. */
export function failure(status: string, statusCode: number): Outcome {
  return { status, statusCode, headers: {}, body: "" };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
