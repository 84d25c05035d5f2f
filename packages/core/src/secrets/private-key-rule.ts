import type { Match, Rule } from "./match.js";

const BEGINNING = /-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
// Headers of an encrypted or an OpenPGP key come first.
const SEARCHED = 1_000;
// The one line of an Ed25519 key has 64 characters in base64, and no format has shorter lines before the last one.
const SHORTEST_LINE = 48;
const FEWEST_CHARACTERS = 12;

/**
 * Finds private keys as PEM, OpenSSH, OpenPGP and PuTTY text, encrypted ones included, also in a string of a program or of JSON.
 * Placeholders such as `-----BEGIN PRIVATE KEY-----...` are not found.
 */
export const privateKeyRule: Rule = function* ({ text }): Generator<Match> {
  if (text.includes("PRIVATE KEY")) {
    for (const { index, 0: beginning } of text.matchAll(BEGINNING)) {
      const start = index + beginning.length;
      if (holdsKey(text.slice(start, start + SEARCHED))) yield { rule: "privatekey", start: index };
    }
  }
  const putty = text.indexOf("PuTTY-User-Key-File-");
  if (putty >= 0 && /^Private-Lines: \d/m.test(text)) yield { rule: "privatekey", start: putty };
};

function holdsKey(following: string): boolean {
  const [body = ""] = following.split("-----", 1);
  // Line breaks are escaped in the strings of programs. `...` stands for the rest of a key that is not there.
  if (/\.\.\.|\u2026/.test(body)) return false;
  const lines = body.split(/[^A-Za-z0-9+/=]+|\\[nr]/);
  return lines.some((line) => line.length >= SHORTEST_LINE && new Set(line).size >= FEWEST_CHARACTERS);
}
