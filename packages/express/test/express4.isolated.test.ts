import express from "express";
import { describe, expect, it, vi } from "vitest";
import { describeHostApp } from "./host-app.js";
import { describeHostParsers } from "./host-parsers.js";
import { describeContract } from "./http-contract.js";

// The router uses the host's installed version of Express.
vi.mock("express", () => import("express4"));

describe("githubRouter on Express 4", () => {
  it("runs on Express 4", () => {
    expect(() => express().router).toThrow("'app.router' is deprecated");
  });

  describeContract();
  describeHostParsers();
  describeHostApp();
});
