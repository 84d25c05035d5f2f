import { createHmac, generateKeyPairSync } from "node:crypto";
import { createGitHubSdk, type GitHubSdk, silentLogger } from "@infrajet/github";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { announceSecret } from "@infrajet/github-testing";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../test-database.js";

const SECRET = announceSecret("between GitHub and a host with a database");
const BODY = Buffer.from(JSON.stringify({ action: "opened", issue: { number: 1 }, repository: { id: 1 } }));

/** A webhook handler may fail with any text: the delivery is failed and can be repeated at once. */
export function storesFailedHandlers(database: () => TestDatabase): void {
  describe("a webhook handler that fails", () => {
    let privateKey: string;
    let sdk: GitHubSdk | null = null;
    beforeAll(() => {
      const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      privateKey = announceSecret(key.export({ type: "pkcs1", format: "pem" }).toString());
    });
    afterEach(() => sdk?.close());

    it.each([
      ["a NUL character", "a\0b", "Error: a\ufffdb"],
      ["lone surrogates", "a\ud800b\udc00", "Error: a\ufffdb\ufffd"],
      ["10 MB", "x".repeat(10_000_000), `Error: ${"x".repeat(993)}`],
    ])("with %s leaves a failed delivery that can be repeated at once", async (_, text, stored) => {
      await database().clear();
      let isBroken = true;
      sdk = createGitHubSdk({
        app: { appId: 1, privateKey, webhookSecrets: [SECRET] },
        projectFiles: new MemoryProjectFiles(),
        stores: database().stores(),
        webhooks: { inline: true, sweep: false },
        logger: silentLogger,
      });
      sdk.webhooks.on("issues", () => {
        if (isBroken) throw new Error(text);
      });
      await expect(deliver(sdk)).rejects.toMatchObject({ code: "webhook_handler_failed" });
      await expect(sdk.webhooks.failed()).resolves.toMatchObject({ deliveries: [{ status: "failed", error: stored }] });
      isBroken = false;
      await expect(deliver(sdk)).resolves.toMatchObject({ handled: true });
    });
  });
}

function deliver({ webhooks }: GitHubSdk) {
  const signature = createHmac("sha256", SECRET).update(BODY).digest("hex");
  const headers = {
    "x-github-event": "issues",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": `sha256=${announceSecret(signature)}`,
  };
  return webhooks.handle({ headers, body: BODY });
}
