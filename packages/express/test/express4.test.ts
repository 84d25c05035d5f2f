import express from "express";
import { describe, expect, it, vi } from "vitest";
import { describeHostParsers } from "./host-parsers.js";
import { describeContract } from "./http-contract.js";

// The router is made of the Express that the host has installed.
vi.mock("express", () => import("express4"));

describe("Express 4", () => {
  it("is Express 4", () => {
    expect(() => express().router).toThrow("'app.router' is deprecated");
  });

  describeContract();
  describeHostParsers();
});
