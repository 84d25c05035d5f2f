export {
  type FolderFilesOptions,
  type FolderOptions,
  type FolderProjectFilesOptions,
  folderFiles,
  folderProjectFiles,
} from "./folder-project-files.js";
