import { api } from "../api.js";
import { resource } from "./resource.js";

/** The totals of the user's syncs in all projects. */
export const metrics = resource((signal) => api.getSyncMetrics({}, { signal }));
