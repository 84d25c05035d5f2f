// One of two processes that race on a database: runs the rounds that it receives and reports whether it won.
import { openDatabase } from "../../src/database/open-database.js";
import { RACES, type RaceResult, type RaceStart } from "./races.js";

const database = await openDatabase(process.argv[2] ?? "");

process.on("message", async ({ race, prepared, round, part }: RaceStart) => {
  const won = await RACES[race].run(database.stores, prepared, round, part).catch((error: unknown) => String(error));
  const result: RaceResult = { round, won };
  process.send?.(result);
});
process.on("disconnect", async () => {
  await database.close();
  process.exit();
});
process.send?.("ready");
