export { FileLock, type FileLockHolder, type FileLockOptions } from "./file-lock.js";
export {
  type FolderFilesOptions,
  type FolderOptions,
  type FolderProjectFilesOptions,
  folderFiles,
  folderProjectFiles,
} from "./folder-project-files.js";
