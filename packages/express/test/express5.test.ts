import { describe } from "vitest";
import { describeHostApp } from "./host-app.js";
import { describeHostParsers } from "./host-parsers.js";
import { describeContract } from "./http-contract.js";

describe("githubRouter on Express 5", () => {
  describeContract();
  describeHostParsers();
  describeHostApp();
});
