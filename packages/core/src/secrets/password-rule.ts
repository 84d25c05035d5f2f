import type { Match, Rule } from "./match.js";
import { isTemplatePassword } from "./placeholder.js";

// The scheme is matched backwards from `://`, which is far rarer than its letters.
const URL =
  /:\/\/(?<=(?<![A-Za-z0-9])(https?|ftps?|postgres(?:ql)?|mysqlx?|mariadb|sqlserver|mongodb(?:\+srv)?|rediss?|amqps?):\/\/)([^\s:/@"'`]{0,100}):([^\s/@"'`]{1,200})@([^\s/:?"'`,]{1,255})/gi;
const KEYS_AND_VALUES =
  /(?:Password|Pwd)\s?=\s?([^;\s"']{1,200})(?<=(?:Server|Data Source)\s?=\s?([^;\n"']{1,255});[^\n"']{0,600})/gi;

/** Finds passwords in URLs and in the connection strings of databases, unless the server is the own computer. */
export const passwordRule: Rule = function* ({ text }): Generator<Match> {
  for (const { 1: scheme = "", 2: user = "", 3: password = "", 4: host = "", index } of text.matchAll(URL)) {
    const rule = /^(?:http|ftp)/i.test(scheme) ? "basicauth" : "database-connection-string";
    if (user !== password && isSecret(host, password)) yield { rule, start: index };
  }
  for (const { 1: password = "", 2: host = "", index } of text.matchAll(KEYS_AND_VALUES)) {
    const rule = "database-connection-string";
    if (isSecret(host, password)) yield { rule, start: index };
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
