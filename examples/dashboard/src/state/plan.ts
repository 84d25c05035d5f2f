import { api } from "../api.js";
import { resource } from "./resource.js";
import { syncRequest } from "./target.js";

/** The changes that the next sync would make. */
export const plan = resource(async (signal) => {
  const request = syncRequest();
  return { request, plan: await api.planSync(request, { signal }) };
});
