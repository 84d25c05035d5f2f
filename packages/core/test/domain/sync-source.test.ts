import { describe, expect, it } from "vitest";
import { installationOf, installationSource, isProjectSource, projectSource } from "../../src/domain/sync-source.js";

describe("sync sources", () => {
  it("projectSource returns the user and the project as one string", () => {
    const source = projectSource({ userId: "7", projectId: "infra" });
    expect(source).toBe("project:7/infra");
    expect(isProjectSource(source)).toBe(true);
    expect(installationOf(source)).toBeNull();
  });

  it("installationSource returns the installation as one string", () => {
    const source = installationSource(42);
    expect(source).toBe("app:42");
    expect(isProjectSource(source)).toBe(false);
    expect(installationOf(source)).toBe(42);
  });

  it.each(["", "app:", "app:x", "app:1/2", "xapp:1", "project:app:1/p"])(
    "installationOf returns null for %j",
    (source) => {
      expect(installationOf(source)).toBeNull();
    },
  );
});
