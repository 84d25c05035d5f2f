// Lists sync records as a process does when it starts and when a user opens a history, and sends the numbers of records.
import { openDatabase } from "../../src/database/open-database.js";

const [url = "", userId = "", projectId = "", apiUrl = ""] = process.argv.slice(2);
const database = await openDatabase(url);
const { records } = database.stores;
const project = { userId, projectId };
const unfinished = await records.unfinished(0, 100);
const due = await records.due(apiUrl, 100);
const { records: entries } = await records.history(project, 100, null);
const { totalSyncs } = await records.summary(project);
await database.close();
process.send?.({ unfinished: unfinished.length, due: due.length, entries: entries.length, totalSyncs });
process.disconnect?.();
