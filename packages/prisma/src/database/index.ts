export { type Database, type OpenDatabaseOptions, openDatabase } from "./open-database.js";
export { makeFolder, makePrivateFolder } from "./private-folder.js";
