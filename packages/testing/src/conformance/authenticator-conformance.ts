import assert from "node:assert/strict";
import { type AuthenticationRequest, type Authenticator, userIdText } from "@infrajet/github/adapters";
import { type ConformanceCase, type ConformanceSubject, conformanceCase } from "./conformance-case.js";

/** An authenticator with two users. */
export interface AuthenticatorSubject extends ConformanceSubject {
  readonly authenticator: Authenticator;
  /** The bearer tokens and ids of two users. */
  readonly users: readonly [KnownUser, KnownUser];
}

/** A user of the authenticator. */
export interface KnownUser {
  readonly token: string;
  readonly id: string | number;
}

const authenticator = (
  name: string,
  test: (subject: AuthenticatorSubject) => Promise<void>,
): ConformanceCase<AuthenticatorSubject> => conformanceCase(name, test);

/** The conformance cases for an `Authenticator` with bearer tokens. */
export const authenticatorConformance: readonly ConformanceCase<AuthenticatorSubject>[] = [
  authenticator("authenticate returns the same user for a token every time", async ({ authenticator, users }) => {
    for (const { token, id } of [...users, ...users]) {
      const user = await authenticator.authenticate(request(token));
      assert.ok(user !== null);
      assert.equal(userIdText(user), userIdText({ id }));
    }
  }),

  authenticator(
    "authenticate returns the right user for each of many concurrent requests",
    async ({ authenticator, users }) => {
      const callers = Array.from({ length: 20 }, (_, index) => users[index % 2 === 0 ? 0 : 1]);
      const authenticated = await Promise.all(callers.map(({ token }) => authenticator.authenticate(request(token))));
      assert.deepEqual(
        authenticated.map((user) => (user === null ? null : userIdText(user))),
        callers.map((user) => userIdText(user)),
      );
    },
  ),

  authenticator("authenticate rejects a request without a token", async ({ authenticator }) => {
    for (const token of [null, "", " ", "null", "undefined", "Bearer", "__proto__", "constructor"]) {
      assert.equal(await authenticator.authenticate(request(token)), null);
    }
  }),

  authenticator("authenticate rejects a token that differs in any character", async ({ authenticator, users }) => {
    const [{ token }, other] = users;
    const wrong = [
      token.slice(0, -1),
      token.slice(1),
      ` ${token}`,
      `${token} `,
      `Bearer ${token}`,
      `${token},${other.token}`,
      "x".repeat(20_000),
      "a.b.c",
      "\u{1f511}",
    ];
    for (const text of wrong) assert.equal(await authenticator.authenticate(request(text)), null);
  }),
];

function request(bearerToken: string | null): AuthenticationRequest {
  const headers = bearerToken === null ? {} : { authorization: `Bearer ${bearerToken}` };
  return { method: "GET", path: "/api/v1/github/connection/status", headers, bearerToken, raw: null };
}
