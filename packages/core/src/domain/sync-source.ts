import type { ProjectKey } from "./project-file.js";

/** The source of files that the host hands over as an installation of its GitHub App: `app:{installationId}`. */
export type InstallationSource = `app:${number}`;

/** Returns the source of a project's own files, `project:{userId}/{projectId}`, as records and baselines store it. */
export function projectSource({ userId, projectId }: ProjectKey): string {
  return `project:${userId}/${projectId}`;
}

/** Returns the source of files that are written as an installation, `app:{installationId}`. */
export function installationSource(installationId: number): InstallationSource {
  return `app:${installationId}`;
}

/** True when the source's files are read from the host's project files. */
export function isProjectSource(source: string): boolean {
  return source.startsWith("project:");
}

/** Returns the installation that a source names; `null` when it names none. */
export function installationOf(source: string): number | null {
  const id = /^app:(\d+)$/.exec(source)?.[1];
  return id === undefined ? null : Number(id);
}
