import * as z from "zod";
import { GitHubSdkError } from "../errors.js";
import { requireOperator } from "./require-operator.js";
import { defineRoute } from "./route.js";
import { named } from "./wire-value.js";

const finding = z.object({
  check: z.string().describe("Stable name of the check"),
  severity: z.enum(["error", "warning"]),
  cause: z.string(),
  repair: z.string().describe("The setting, command or page that fixes it"),
  url: z.string().nullable(),
});

const doctorSchema = named(
  "GitHubDoctor",
  z.object({ status: z.enum(["ok", "warnings", "errors"]), findings: z.array(finding) }),
);

/** Checks the configuration against GitHub, for operators of the host. */
export const doctorRoute = defineRoute({
  method: "GET",
  path: "/doctor",
  operationId: "getDoctor",
  tag: "Operations",
  summary:
    "Check the configuration, the App, the stored tokens and the stores, and tell operators how to repair faults",
  auth: "public",
  input: {},
  response: doctorSchema,
  errors: [403, 501],
  async handle({ sdk, settings, request, basePath }) {
    if (settings.authorizeOperator === null) {
      throw new GitHubSdkError(
        "capability_not_configured",
        "The doctor is not available over HTTP. Set the option authorizeOperator.",
      );
    }
    await requireOperator(settings.authorizeOperator, request, `${basePath}/doctor`);
    const { status, findings } = await sdk.doctor();
    return { body: { status, findings: [...findings] } };
  },
});
