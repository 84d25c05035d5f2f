import assert from "node:assert/strict";
import { type AuthenticationRequest, type Authenticator, userIdText } from "@infrajet/github/adapters";
import { type ConformanceCase, type ConformanceSubject, conformanceCase } from "./conformance-case.js";

/** An authenticator that knows two users. */
export interface AuthenticatorSubject extends ConformanceSubject {
  readonly authenticator: Authenticator;
  /** Bearer tokens of two users and their ids. */
  readonly users: readonly [KnownUser, KnownUser];
}

/** A user that the authenticator knows. */
export interface KnownUser {
  readonly token: string;
  readonly id: string | number;
}

const authenticator = (
  name: string,
  test: (subject: AuthenticatorSubject) => Promise<void>,
): ConformanceCase<AuthenticatorSubject> => conformanceCase(name, test);

/** What every `Authenticator` that works by bearer tokens promises. */
export const authenticatorConformance: readonly ConformanceCase<AuthenticatorSubject>[] = [
  authenticator("tells users by their tokens, every time alike", async ({ authenticator, users }) => {
    for (const { token, id } of [...users, ...users]) {
      const user = await authenticator.authenticate(request(token));
      assert.ok(user !== null);
      assert.equal(userIdText(user), userIdText({ id }));
    }
  }),

  authenticator("tells users of requests that come at the same moment apart", async ({ authenticator, users }) => {
    const asked = Array.from({ length: 20 }, (_, index) => users[index % 2 === 0 ? 0 : 1]);
    const told = await Promise.all(asked.map(({ token }) => authenticator.authenticate(request(token))));
    assert.deepEqual(
      told.map((user) => (user === null ? null : userIdText(user))),
      asked.map((user) => userIdText(user)),
    );
  }),

  authenticator("lets nobody in without a token", async ({ authenticator }) => {
    for (const token of [null, "", " ", "null", "undefined", "Bearer", "__proto__", "constructor"]) {
      assert.equal(await authenticator.authenticate(request(token)), null);
    }
  }),

  authenticator("lets nobody in by a token that is not exactly right", async ({ authenticator, users }) => {
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
