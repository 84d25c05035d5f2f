import { generateKeyPairSync, randomBytes } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";

const AUDIENCE = "authenticated";

/** Creates valid and invalid tokens in the form of Supabase's. */
export class BearerTokens {
  /** The secret that hosts verify the tokens with. */
  readonly secret = randomBytes(64).toString("hex");
  readonly #key = new TextEncoder().encode(this.secret);

  /** Returns a valid token of the user that does not expire during a test. */
  good(userId: string): Promise<string> {
    return this.#token(userId).sign(this.#key);
  }

  /** Returns invalid tokens of the user by their defect. */
  async bad(userId: string): Promise<Readonly<Record<string, string>>> {
    const good = await this.good(userId);
    const [header = "", payload = "", signature = ""] = good.split(".");
    const claims = { role: "authenticated" };
    const anotherUser = Buffer.from(JSON.stringify({ sub: "another-user", aud: AUDIENCE, exp: 99_999_999_999 }));
    return {
      "it has expired": await this.#token(userId).setExpirationTime(1_700_000_000).sign(this.#key),
      "it is not valid yet": await this.#token(userId).setNotBefore("20y").sign(this.#key),
      "it is for another audience": await this.#token(userId).setAudience("anon").sign(this.#key),
      "it never expires": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(userId)
        .setAudience(AUDIENCE)
        .sign(this.#key),
      "it is for no audience": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(userId)
        .setExpirationTime("1h")
        .sign(this.#key),
      "it has no subject": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256" })
        .setAudience(AUDIENCE)
        .setExpirationTime("1h")
        .sign(this.#key),
      "its subject is empty": await this.#token("").sign(this.#key),
      "its algorithm is none": new UnsecuredJWT(claims)
        .setSubject(userId)
        .setAudience(AUDIENCE)
        .setExpirationTime("1h")
        .encode(),
      "its algorithm is another than the configured one": await this.#token(userId, "HS512").sign(this.#key),
      "it is signed with a key pair of its own": await this.#token(userId, "ES256").sign(
        generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
      ),
      "it is signed with another secret": await this.#token(userId).sign(randomBytes(32)),
      "its signature is missing": `${header}.${payload}.`,
      "its signature is truncated": `${header}.${payload}.${signature.slice(0, -4)}`,
      "its claims were changed": `${header}.${anotherUser.toString("base64url")}.${signature}`,
      "it is not a JWT": "a.b.c",
    };
  }

  #token(userId: string, alg = "HS256"): SignJWT {
    return new SignJWT({ role: "authenticated" })
      .setProtectedHeader({ alg, typ: "JWT" })
      .setSubject(userId)
      .setAudience(AUDIENCE)
      .setExpirationTime("30d");
  }
}
