import process from "node:process";
import { afterAll, beforeAll } from "vitest";
import type { DatabaseSettings } from "../test-database.js";

// The conformance suites run with these settings: no setting of a database, of its sessions or of the process may change a
// result. Only the isolation levels are the default ones, under which races are most likely; the race tests set the others.

const POSTGRESQL_DEFAULTS = {
  timezone: "'Pacific/Apia'",
  datestyle: "'German, DMY'",
  intervalstyle: "'sql_standard'",
  bytea_output: "'escape'",
  extra_float_digits: "-15",
  standard_conforming_strings: "off",
  backslash_quote: "on",
  array_nulls: "off",
  transform_null_equals: "on",
};

const SQL_MODES = [
  ...["ANSI_QUOTES", "PIPES_AS_CONCAT", "IGNORE_SPACE", "NO_BACKSLASH_ESCAPES", "HIGH_NOT_PRECEDENCE"],
  ...["PAD_CHAR_TO_FULL_LENGTH", "NO_AUTO_VALUE_ON_ZERO", "NO_ZERO_DATE", "NO_ZERO_IN_DATE", "TRADITIONAL"],
];

const MARIADB_SESSION = [
  "time_zone = '+13:00'",
  `sql_mode = '${SQL_MODES.join(",")}'`,
  "collation_connection = 'utf8mb4_turkish_ci'",
  "lc_time_names = 'de_DE'",
  "div_precision_increment = 0",
];

/** Unusual settings of each database, with a query that shows them in a session and its result. */
export const UNUSUAL = {
  postgresql: {
    create: "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C.UTF-8'",
    sql: ["CREATE SCHEMA elsewhere"],
    defaults: { ...POSTGRESQL_DEFAULTS, search_path: "elsewhere" },
    shown:
      "SELECT current_setting('bytea_output') || ' ' || current_setting('search_path') || ' ' || lower('I') AS shown",
    expected: "escape elsewhere \u0131",
  },
  mysql: {
    create: "CHARACTER SET latin1 COLLATE latin1_german1_ci",
    initSql: `SET ${MARIADB_SESSION.join(", ")}`,
    shown: "SELECT CONCAT(@@time_zone, ' ', @@collation_connection, ' ', @@collation_database) AS shown",
    expected: "+13:00 utf8mb4_turkish_ci latin1_german1_ci",
  },
  sqlite: {
    // SQLite writes them to the file with the first table.
    sql: ["PRAGMA encoding = 'UTF-16le'", "PRAGMA auto_vacuum = FULL", "CREATE TABLE first (id)", "DROP TABLE first"],
    shown: "SELECT encoding AS shown FROM pragma_encoding",
    expected: "UTF-16le",
  },
  /** An embedded database has one session, whose settings only this process can change. */
  pglite: { shown: "SELECT current_setting('DateStyle') AS shown", expected: "ISO, MDY" },
} as const satisfies Record<string, DatabaseSettings & { readonly shown: string; readonly expected: string }>;

/** Runs the tests of a file in a time zone far from UTC. */
export function inUnusualTimeZone(): void {
  const timeZone = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = "Pacific/Apia";
  });
  afterAll(() => {
    if (timeZone === undefined) delete process.env.TZ;
    else process.env.TZ = timeZone;
  });
}
