import { signal } from "@preact/signals";
import { notice, notify } from "./notice.js";

/** The pages of the dashboard, by their name in the address. */
export const VIEWS = ["sync", "conflicts", "history", "metrics", "links", "github", "health"] as const;
export type View = (typeof VIEWS)[number];

const TOKEN = "infrajet.token";
const PROJECT = "infrajet.project";
const RECENT = "infrajet.recent-projects";
const MOST_RECENT = 8;

/** The bearer token of the user; `null` when the user is not signed in. Only this tab keeps it. */
export const token = signal(sessionStorage.getItem(TOKEN));
/** The id of the open project. */
export const projectId = signal(sessionStorage.getItem(PROJECT));
export const view = signal<View>("sync");
/** The ids of the projects that this browser opened, latest first. */
export const recentProjects = signal(readRecent());

/** Reads the address now and whenever it changes. */
export function followAddress(): void {
  readCallback();
  readFragment();
  addEventListener("hashchange", () => {
    notice.value = null;
    readFragment();
  });
}

/** Opens a page of the open project. */
export function visit(target: View): void {
  location.assign(addressOf(target));
}

/** Returns the address of a page of a project. */
export function addressOf(target: View, project: string | null = projectId.value): string {
  const fields = new URLSearchParams();
  if (project !== null) fields.set("project", project);
  if (target !== "sync") fields.set("view", target);
  return `./#${fields}`;
}

export function signIn(value: string): void {
  token.value = value;
  sessionStorage.setItem(TOKEN, value);
}

export function signOut(): void {
  token.value = null;
  sessionStorage.removeItem(TOKEN);
}

export function openProject(id: string): void {
  location.assign(addressOf("sync", id));
}

/** Shows the choice of a project. */
export function closeProject(): void {
  sessionStorage.removeItem(PROJECT);
  projectId.value = null;
  location.hash = "";
}

/** Reads `#token=…&project=…&view=…`. The token leaves the address at once, so that it is neither shared nor kept in the history. */
function readFragment(): void {
  const fields = new URLSearchParams(location.hash.slice(1));
  const given = fields.get("token");
  if (given) signIn(given);
  const project = fields.get("project");
  if (project) remember(project);
  const named = fields.get("view");
  view.value = VIEWS.find((name) => name === named) ?? "sync";
  if (fields.has("token") || (project === null && projectId.value !== null)) {
    history.replaceState(null, "", addressOf(view.value));
  }
}

/** Reads the result of a connection, with which the host's callback endpoint redirects to this page. */
function readCallback(): void {
  const fields = new URLSearchParams(location.search);
  const error = fields.get("error");
  if (fields.get("connected") === "1") notify("good", "GitHub is connected.");
  else if (error !== null) notify("bad", `GitHub was not connected (${error.slice(0, 100)}). Try again.`);
  if (location.search !== "") history.replaceState(null, "", `${location.pathname}${location.hash}`);
}

function remember(id: string): void {
  projectId.value = id;
  sessionStorage.setItem(PROJECT, id);
  recentProjects.value = [id, ...recentProjects.value.filter((other) => other !== id)].slice(0, MOST_RECENT);
  localStorage.setItem(RECENT, JSON.stringify(recentProjects.value));
}

function readRecent(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(stored) ? stored.filter((id) => typeof id === "string").slice(0, MOST_RECENT) : [];
  } catch {
    return [];
  }
}
