import { describe } from "vitest";
import { describeHostParsers } from "./host-parsers.js";
import { describeContract } from "./http-contract.js";

describe("Express 5", () => {
  describeContract();
  describeHostParsers();
});
