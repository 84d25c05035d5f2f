export {
  type FolderOptions,
  type FolderProjectFilesOptions,
  folderFiles,
  folderProjectFiles,
} from "./folder-project-files.js";
