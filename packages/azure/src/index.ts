export { type AzureProjectFiles, azureProjectFiles } from "./azure-project-files.js";
export type { GenerationOrder, ProjectLayout } from "./layout.js";
export type { AzureProjectFilesOptions, AzureProjectFilesSettings } from "./options.js";
export type { ProjectWriter } from "./project-writer.js";
export type { EntraCredential, ShareAccess } from "./share-access.js";
