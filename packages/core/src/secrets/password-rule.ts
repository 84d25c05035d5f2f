import type { Match, Rule } from "./match.js";
import { isTemplatePassword } from "./placeholder.js";

// The scheme is matched backwards from `://`, which is far rarer than its letters.
const URL =
  /:\/\/(?<=(?<![A-Za-z0-9])(https?|ftps?|postgres(?:ql)?|mysqlx?|mariadb|sqlserver|mongodb(?:\+srv)?|rediss?|amqps?):\/\/)([^\s:/@"'`]{0,100}):([^\s/@"'`]{1,200})@([^\s/:?"'`,]{1,255})/gi;
const PASSWORD = /(?:Password|Pwd)\s?=\s?([^;\s"']{1,200})/gi;
const SERVER = /(?:Server|Data Source)\s?=\s?([^;\n"']{1,255});[^\n"']*$/i;
// A connection string names the server before the password.
const SEARCHED_BEFORE = 500;

/** Finds passwords in URLs and in the connection strings of databases, unless the server is the own computer. */
export const passwordRule: Rule = function* ({ text }): Generator<Match> {
  for (const { 1: scheme = "", 2: user = "", 3: password = "", 4: host = "", index } of text.matchAll(URL)) {
    const rule = /^(?:http|ftp)/i.test(scheme) ? "basicauth" : "database-connection-string";
    if (user !== password && isSecret(host, password)) yield { rule, start: index };
  }
  for (const { 1: password = "", index } of text.matchAll(PASSWORD)) {
    const host = SERVER.exec(text.slice(Math.max(0, index - SEARCHED_BEFORE), index))?.[1];
    if (host !== undefined && isSecret(host, password)) {
      yield { rule: "database-connection-string", start: index };
    }
  }
};

function isSecret(host: string, password: string): boolean {
  return password.length >= 4 && !isTemplatePassword(password) && !isLocalOrReserved(host);
}

/** True for the own computer, and for the names that documentation uses. @see https://www.rfc-editor.org/rfc/rfc2606 */
function isLocalOrReserved(host: string): boolean {
  if (/^(?:tcp:)?(?:localhost|127\.|0\.0\.0\.0|\[?::1|host\.docker\.internal)/i.test(host)) return true;
  return /(?:^|\.)example(?:\.(?:com|net|org))?$|\.(?:test|invalid|localhost)$/i.test(host);
}
