import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import { type GitHubHttpOptions, supabaseAuthenticator } from "@infrajet/github/http";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { SignJWT } from "jose";

const JWT_SECRET = "a secret of the benchmark, 32 bytes or more";

/** The SDK and options of both handlers. */
export interface ServedSdk {
  readonly sdk: GitHubSdk;
  readonly http: GitHubHttpOptions;
  /** The bearer token of a user without a connection, so that no request is sent to GitHub. */
  readonly token: string;
}

/** Creates an SDK and a user's token. */
export async function servedSdk(): Promise<ServedSdk> {
  const sdk = createGitHubSdk({
    oauth: { clientId: "benchmark", clientSecret: "benchmark" },
    encryptionKeys: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
    projectFiles: new MemoryProjectFiles(),
  });
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("1")
    .setAudience("authenticated")
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(JWT_SECRET));
  return { sdk, http: { authenticator: supabaseAuthenticator({ jwtSecret: JWT_SECRET }) }, token };
}
