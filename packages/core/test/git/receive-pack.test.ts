import { describe, expect, it } from "vitest";
import { FLUSH_PACKET, pktLine } from "../../src/git/pkt-line.js";
import { advertisedFormat, parsePushReport, pushCommand } from "../../src/git/receive-pack.js";

const one = "1".repeat(40);
const two = "2".repeat(40);

/** Returns a response with side-bands: the report in pieces, as servers send it. */
function answer(report: readonly string[], messages = "", fatal = ""): Uint8Array {
  const status = Buffer.concat([...report.map((line) => pktLine(line)), FLUSH_PACKET]).toString("latin1");
  const middle = Math.floor(status.length / 2);
  const packets = [
    ...(messages === "" ? [] : [pktLine(`\u0002${messages}`)]),
    ...(fatal === "" ? [pktLine(`\u0001${status.slice(0, middle)}`), pktLine(`\u0001${status.slice(middle)}`)] : []),
    ...(fatal === "" ? [] : [pktLine(`\u0003${fatal}`)]),
  ];
  return Buffer.concat([...packets, FLUSH_PACKET]);
}

describe("pushCommand", () => {
  it("contains the expected head, and the object format unless it is SHA-1", () => {
    const move = { branch: "main", from: one, to: two };
    expect(Buffer.from(pushCommand(move)).toString()).toMatch(
      /^[0-9a-f]{4}1{40} 2{40} refs\/heads\/main\0 report-status report-status-v2 side-band-64k agent=\S+0000$/,
    );
    expect(Buffer.from(pushCommand({ ...move, from: null })).toString()).toContain(`${"0".repeat(40)} ${two} `);
    const long = Buffer.from(pushCommand({ branch: "ü", from: null, to: "3".repeat(64) })).toString();
    expect(long).toContain(`${"0".repeat(64)} ${"3".repeat(64)} refs/heads/ü\0`);
    expect(long).toMatch(/object-format=sha2560000$/);
  });
});

describe("parsePushReport", () => {
  it("reports a moved branch, whatever the other messages", () => {
    expect(parsePushReport(answer(["unpack ok\n", "ok refs/heads/main\n"], "hello"), "main")).toEqual({ moved: true });
    const second = ["unpack ok\n", "ok refs/heads/main\n", "option refname refs/heads/main\n"];
    expect(parsePushReport(answer(second), "main")).toEqual({ moved: true });
  });

  it("reports a rejected move, with its reason and messages", () => {
    const refused = answer(["unpack ok\n", "ng refs/heads/main protected branch hook declined\n"], "error: GH006");
    expect(parsePushReport(refused, "main")).toEqual({
      moved: false,
      brokenOff: false,
      reason: "protected branch hook declined",
      messages: "error: GH006",
    });
    expect(parsePushReport(answer(["unpack index-pack abnormal exit\n"], "fatal: x"), "main")).toEqual({
      moved: false,
      brokenOff: false,
      reason: "index-pack abnormal exit",
      messages: "fatal: x",
    });
    expect(parsePushReport(answer(["unpack ok\n", "ng refs/heads/main\n"]), "main")).toMatchObject({
      moved: false,
      brokenOff: false,
      reason: "",
    });
  });

  it("reports an abort, unless the branch was reported before it", () => {
    expect(parsePushReport(answer([], "", "fatal: no room"), "main")).toEqual({
      moved: false,
      brokenOff: true,
      reason: "fatal: no room",
      messages: "",
    });
    const whole = answer(["unpack ok\n", "ok refs/heads/main\n"]);
    const after = Buffer.concat([whole.subarray(0, -FLUSH_PACKET.length), pktLine("\u0003fatal: hook"), FLUSH_PACKET]);
    expect(parsePushReport(after, "main")).toEqual({ moved: true });
  });

  it("returns null for a truncated response, or one about another branch", () => {
    const whole = answer(["unpack ok\n", "ok refs/heads/main\n"], "hello");
    for (let end = 0; end < whole.length; end++) expect(parsePushReport(whole.subarray(0, end), "main")).toBeNull();
    expect(parsePushReport(whole, "mai")).toBeNull();
    expect(parsePushReport(Buffer.from("<html>Unicorn!</html>"), "main")).toBeNull();
  });
});

describe("advertisedFormat", () => {
  const advertisement = (capabilities: string) =>
    Buffer.concat([
      pktLine("# service=git-receive-pack\n"),
      FLUSH_PACKET,
      pktLine(`${"0".repeat(40)} capabilities^{}\0${capabilities}\n`),
      FLUSH_PACKET,
    ]);

  it("returns the object format, SHA-1 by default", () => {
    expect(advertisedFormat(advertisement("report-status delete-refs object-format=sha256 agent=git/2"))).toBe(
      "sha256",
    );
    expect(advertisedFormat(advertisement("report-status object-format=sha1"))).toBe("sha1");
    expect(advertisedFormat(advertisement("report-status"))).toBe("sha1");
    expect(advertisedFormat(Buffer.from("<html>"))).toBeNull();
    expect(advertisedFormat(FLUSH_PACKET)).toBeNull();
  });
});
