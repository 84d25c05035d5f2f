import { createDeviceFlow, type DeviceCode, type DeviceFlowOptions } from "@infrajet/github";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Scripted, ScriptedServer } from "../github/scripted-server.js";
import { ConnectedFixture, HOUR, MINUTE } from "./connected-fixture.js";

const TIMEOUT = 9_999;

let fixture: ConnectedFixture;
/** The pauses between two requests for the token, in seconds. */
let pauses: number[];
/** Called after each pause. */
let afterPause: (count: number) => unknown;

beforeEach(async () => {
  fixture = await ConnectedFixture.create();
  fixture.oauthApp.deviceFlow = true;
  fixture.gitHubApp.deviceFlow = true;
  pauses = [];
  afterPause = () => {};
});
afterEach(() => fixture.close());

/** A clock on which the pauses between two requests take no time. */
function clockOf(isPause: (milliseconds: number, signal: AbortSignal | undefined) => boolean): Clock {
  return {
    now: fixture.clock.now,
    idle: systemClock.idle,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      if (!isPause(milliseconds, signal)) return systemClock.sleep(milliseconds, signal);
      pauses.push(milliseconds / 1_000);
      if (pauses.length > 1_000) throw new Error("The program asks for ever.");
      fixture.clock.putForward(milliseconds);
      await afterPause(pauses.length);
      signal?.throwIfAborted();
    },
  };
}

const engine = () =>
  fixture.engine({
    requestTimeout: TIMEOUT,
    clock: clockOf((milliseconds) => milliseconds >= 5_000 && milliseconds !== TIMEOUT),
  });

function flow(options: Partial<DeviceFlowOptions> = {}) {
  const { signal } = new AbortController();
  const isPause = (_milliseconds: number, given: AbortSignal | undefined): boolean =>
    given === (options.signal ?? signal);
  return createDeviceFlow({
    clientId: fixture.oauthApp.clientId,
    scopes: ["repo"],
    ...fixture.server,
    ...{ signal, clock: clockOf(isPause) },
    ...options,
  });
}

/** Enters the code as Ada after some requests for the token. */
function entersCode(after: number, deny = false): (code: DeviceCode) => void {
  return ({ userCode }) => {
    afterPause = (count) =>
      count === after ? fixture.box.enterDeviceCode(userCode, { login: "ada", deny }) : undefined;
  };
}

describe("connections.authorizeDevice", () => {
  it("shows a code, waits until the user has entered it, and connects the user", async () => {
    const connections = engine();
    const codes: DeviceCode[] = [];
    const profile = await connections.authorizeDevice({
      userId: "7",
      onCode: (code) => {
        codes.push(code);
        entersCode(3)(code);
      },
    });
    expect(profile.login).toBe("ada");
    expect(codes).toEqual([
      {
        userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
        verificationUri: `${fixture.server.serverUrl}/login/device`,
        expiresAt: expect.any(Date),
      },
    ]);
    expect(pauses).toEqual([5, 5, 5]);
    expect(fixture.count("POST /login/device/code")).toBe(1);
    expect(await connections.status("7")).toMatchObject({ connected: true, login: "ada" });
    expect(fixture.events).toContainEqual([
      "connection.created",
      expect.objectContaining({ userId: "7", client: "oauth" }),
    ]);
  });

  it("connects through the GitHub App, whose tokens are refreshed later", async () => {
    const connections = engine();
    await connections.authorizeDevice({ userId: "7", client: "app", onCode: entersCode(1) });
    const first = await fixture.tokenOf(connections, "7", "app");
    fixture.clock.putForward(9 * HOUR);
    expect(await fixture.tokenOf(connections, "7", "app")).not.toBe(first);
  });

  it("fails with authorization_denied when the user refuses, and stores no connection", async () => {
    const connections = engine();
    const refused = fixture.failure(connections.authorizeDevice({ userId: "7", onCode: entersCode(2, true) }));
    expect(await refused).toMatchObject({ code: "authorization_denied" });
    expect(await connections.account("7")).toBeNull();
  });

  it("fails with github_account_taken when another user is connected to the account", async () => {
    const connections = engine();
    await fixture.connect(connections, "8", "ada");
    const refused = connections.authorizeDevice({ userId: "7", onCode: entersCode(1) });
    expect(await fixture.code(refused)).toBe("github_account_taken");
  });

  it("ends when the SDK is closed", async () => {
    const connections = engine();
    afterPause = () => connections.close();
    const ended = connections.authorizeDevice({ userId: "7", onCode: () => {} });
    expect(await fixture.code(ended)).toBe("cancelled");
  });
});

describe("createDeviceFlow", () => {
  it("returns a token with the requested scopes, which GitHub accepts until it is revoked", async () => {
    const device = flow();
    const token = await device.authorize({ onCode: entersCode(1) });
    expect(token).toMatchObject({ scopes: ["repo"], refreshToken: null, accessTokenExpiresAt: null });
    expect(await device.accepts(token.accessToken)).toBe(true);
    fixture.box.revokeToken(token.accessToken.reveal());
    expect(await device.accepts(token.accessToken)).toBe(false);
  });

  it("refreshes the token of a GitHub App without the client's secret", async () => {
    const device = flow({ clientId: fixture.gitHubApp.clientId });
    const token = await device.authorize({ onCode: entersCode(1) });
    if (token.refreshToken === null) throw new Error("The token has no refresh token.");
    const refreshed = await device.refresh(token.refreshToken);
    expect(await device.accepts(token.accessToken)).toBe(false);
    expect(await device.accepts(refreshed.accessToken)).toBe(true);
    expect(await fixture.code(device.refresh(token.refreshToken))).toBe("reauth_required");
  });

  it("stops when the code has expired", async () => {
    const expired = await fixture.failure(flow().authorize({ onCode: () => {} }));
    expect(expired).toMatchObject({ code: "oauth_failed", details: { githubError: "expired_token" } });
    expect(pauses.reduce((sum, pause) => sum + pause, 0) * 1_000).toBeLessThanOrEqual(15 * MINUTE + 5_000);
  });

  it("asks less often after slow_down", async () => {
    await flow().authorize({
      onCode: ({ userCode }) => {
        afterPause = (count) => {
          // For GitHub, two seconds have passed since the last request.
          if (count === 2) fixture.clock.putForward(-3_000);
          return count === 3 ? fixture.box.enterDeviceCode(userCode, { login: "ada" }) : undefined;
        };
      },
    });
    expect(pauses).toEqual([5, 5, 10]);
  });

  it.each([
    ["an unknown client ID", { clientId: "unknown" }, true],
    ["an app without device flow", {}, false],
  ])("fails with oauth_misconfigured for %s", async (_what, options, deviceFlow) => {
    fixture.oauthApp.deviceFlow = deviceFlow;
    const refused = await fixture.failure(flow(options).authorize({ onCode: () => {} }));
    expect(refused.code).toBe("oauth_misconfigured");
    if (!deviceFlow) expect(refused.message).toContain("Enable Device Flow");
  });

  it("ends with the reason of its signal while it waits for the user, and while the host shows the code", async () => {
    for (const onCode of [() => {}, () => new Promise<void>(() => {})]) {
      const controller = new AbortController();
      const reason = new Error("Ctrl-C");
      const clock = {
        ...systemClock,
        sleep: (_milliseconds: number, signal?: AbortSignal) => systemClock.sleep(HOUR, signal),
      };
      const ended = flow({ signal: controller.signal, clock }).authorize({
        onCode: () => {
          setImmediate(() => controller.abort(reason));
          return onCode();
        },
      });
      await expect(ended).rejects.toBe(reason);
    }
  });
});

describe("the endpoints of the device flow", () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start();
  });
  afterEach(() => server.close());

  const CODE = {
    device_code: "d".repeat(40),
    user_code: "WDJB-MJHT",
    verification_uri: "https://github.com/login/device",
    expires_in: 900,
    interval: 5,
  };
  const json = (body: object, status = 200): Scripted => ({ status, body });
  const scripted = (...responses: Scripted[]) => {
    server.script(...responses);
    return flow({ apiUrl: server.url, serverUrl: server.url });
  };

  it("waits for GitHub when it is away, and asks less often", async () => {
    const token = await scripted(
      json(CODE),
      json({ error: "authorization_pending" }),
      json({}, 502),
      json({ error: "slow_down", interval: 17 }),
      json({ error: "slow_down", interval: 100_000 }),
      json({ access_token: fixture.remember(`gho_${"a1".repeat(18)}`), token_type: "bearer" }),
    ).authorize({ onCode: () => {} });
    expect(token.scopes).toBeNull();
    expect(pauses).toEqual([5, 5, 10, 17, 60]);
  });

  it.each([
    ["a code with control characters", { ...CODE, user_code: "\u001b[2J" }],
    ["a page that is not on the web", { ...CODE, verification_uri: "javascript:alert(1)" }],
    ["no code", {}],
  ])("fails with github_unavailable for a response with %s", async (_what, body) => {
    const codes: DeviceCode[] = [];
    const refused = scripted(json(body)).authorize({ onCode: (code) => void codes.push(code) });
    expect(await fixture.code(refused)).toBe("github_unavailable");
    expect(codes).toEqual([]);
  });

  it("limits the lifetime of a code to an hour, and asks at most once a second", async () => {
    const pending = Array.from({ length: 3_700 }, () => json({ error: "authorization_pending" }));
    const eager = { ...CODE, expires_in: 10 ** 9, interval: 0.001 };
    const codes: DeviceCode[] = [];
    afterPause = (count) => {
      if (count === 5) throw new Error("enough");
    };
    const started = fixture.clock.now();
    await expect(
      scripted(json(eager), ...pending.slice(0, 5)).authorize({ onCode: (code) => void codes.push(code) }),
    ).rejects.toThrow("enough");
    expect(pauses).toEqual([1, 1, 1, 1, 1]);
    expect((codes[0]?.expiresAt.getTime() ?? 0) - started).toBeLessThanOrEqual(HOUR + MINUTE);
  });
});
