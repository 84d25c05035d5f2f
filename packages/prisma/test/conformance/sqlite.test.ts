import { sqliteDatabase } from "../test-database.js";
import { storesConform } from "./stores-conform.js";

storesConform(sqliteDatabase);
