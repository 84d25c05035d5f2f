import { describe, expect, it } from "vitest";
import { parseArguments } from "../src/arguments.js";
import { UsageError } from "../src/usage-error.js";

const parse = (args: readonly string[], env = {}) => parseArguments(args, env, "/work");

describe("parseArguments", () => {
  it("fills in the addresses of a local host and of github.com", () => {
    expect(parse([])).toMatchObject({
      name: null,
      url: "http://localhost:3000",
      endpoints: "http://localhost:3000/api/v1/github",
      serverUrl: "https://github.com",
      apiUrl: "https://api.github.com",
      envFile: null,
    });
  });

  it.each([
    ["https://github.example.com/", "https://github.example.com", "https://github.example.com/api/v3"],
    ["https://acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com"],
  ])("finds the API of %s", (given, serverUrl, apiUrl) => {
    expect(parse(["--github-url", given])).toMatchObject({ serverUrl, apiUrl });
  });

  it("reads the addresses of GitHub from the environment", () => {
    const env = { GITHUB_SERVER_URL: "http://127.0.0.1:4000", GITHUB_API_URL: "http://127.0.0.1:4000/api/v3/" };
    const addresses = { serverUrl: "http://127.0.0.1:4000", apiUrl: "http://127.0.0.1:4000/api/v3" };
    expect(parse([], env)).toMatchObject(addresses);
  });

  it("takes a URL with a path as the base URL of the endpoints", () => {
    expect(parse(["--url", "https://api.example.com/github/", "--env", "app.env"])).toMatchObject({
      url: "https://api.example.com",
      endpoints: "https://api.example.com/github",
      envFile: "/work/app.env",
    });
  });

  it.each([
    ["--name", ["--name", "x".repeat(35)]],
    ["--url", ["--url", "example.com"]],
    ["--organization", ["--organization", "a/b"]],
    ["--github-url", ["--github-url", "github.com"]],
    ["'--unknown'", ["--unknown"]],
    ["'extra'", ["extra"]],
  ])("rejects an invalid %s by name", (option, args) => {
    expect(() => parse(args)).toThrow(UsageError);
    expect(() => parse(args)).toThrow(option);
  });

  it("returns null for --help", () => {
    expect(parse(["--help"])).toBeNull();
  });
});
